export { ResolverClient, type ResolverFailure } from './resolver-client.ts'
