export { PendingRehearsals } from './pending-rehearsals.ts'
export * from './rehearsal-views.ts'
export { Rehearsals } from './rehearsals.ts'
export { trialTable } from './script.ts'
