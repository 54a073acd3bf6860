export { formatDigest, masked, parseDigest } from './challenge.ts'
export { type Credentials, type CredentialsFor, DigestSession, type NextHop, RequestAuthorization } from './client.ts'
export { digest, isSupported } from './hash.ts'
export { type NonceOptions, Nonces } from './nonces.ts'
export {
  type ChallengeAlgorithm,
  challengeAlgorithms,
  challenges,
  type DigestUser,
  type DigestVerdict,
  judge,
  type JudgedRequest,
} from './server.ts'
