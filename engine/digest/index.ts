export { formatDigest, parseDigest } from './challenge.ts'
export { answerChallenge, type Credentials } from './client.ts'
export { digest, isSupported } from './hash.ts'
