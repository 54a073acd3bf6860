export { PendingRehearsals } from './pending.ts'
export { RehearsalRefused } from './rehearsal-refused.ts'
export { type RehearsalParts, Rehearsals } from './rehearsals.ts'
