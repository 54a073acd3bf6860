export type { ReadAnswer } from './resolver-answer.ts'
export { ResolverClient, type ResolverFailure } from './resolver-client.ts'
