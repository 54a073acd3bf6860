export { RoomSearch } from './room-search.ts'
export { isFull, Limits, type Lease } from './limits.ts'
export { needsOfAgent, needsOfProject, needsOfStep, needsOfTrunk, type LimitNeed } from './limit-need.ts'
export { SharedLimits } from './shared-limits.ts'
