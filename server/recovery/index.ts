export { CallOwners, leasedAddress, LeaseStore } from './lease-store.ts'
export type { StandbyCalls } from './leased-calls.ts'
export { Recovery } from './recovery.ts'
export { standBy } from './standby.ts'
