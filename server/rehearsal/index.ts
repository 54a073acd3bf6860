export { PendingRehearsals } from './pending.ts'
export { suggestRehearsal } from './suggest.ts'
export { RehearsalRefused } from './rehearsal-refused.ts'
export { type RehearsalParts, Rehearsals } from './rehearsals.ts'
