export { OverloadBrake, type BrakeOptions } from './brake.ts'
export { LoopLag } from './loop-lag.ts'
export { RefusedInvites, shed } from './shedding.ts'
