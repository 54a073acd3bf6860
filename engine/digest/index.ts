export { formatDigest, masked, parseDigest } from './digest.ts'
export { type Credentials, type CredentialsFor, DigestSession, type NextHop, RequestAuthorization } from './client.ts'
export { digest } from './digest.ts'
export { Nonces, challenges, type DigestUser, judge, type JudgedRequest } from './server.ts'
