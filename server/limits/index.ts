export { FieldExchange, RedisHash } from './field-exchange.ts'
export { DailyCaps, type CapUse } from './daily-caps.ts'
export { KeptCaps } from './kept-caps.ts'
export { RoomSearch } from './room-search.ts'
export { isFull, Limits, noLease, type FullLimit, type Lease, type RoomBook } from './limits.ts'
export {
  needsOfAgent,
  needsOfNumber,
  needsOfProject,
  needsOfStep,
  needsOfTrunk,
  limitKey,
  type LimitNeed,
} from './limit-need.ts'
export type { NumberReserver } from './number-pools.ts'
export { Pools } from './pools.ts'
export { SharedLimits } from './shared-limits.ts'
