export type { DeadLetter } from './dead-letter-store.ts'
export { DeadLetters, openDeadLetters } from './dead-letters.ts'
export { Webhooks } from './webhooks.ts'
