export type { DeadLetter } from './dead-letter.ts'
export { DeadLetters } from './dead-letters.ts'
export { openDeadLetters } from './open-dead-letters.ts'
export { Webhooks, type WebhooksOptions } from './webhooks.ts'
