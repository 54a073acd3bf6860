export { OverloadBrake, type BrakeOptions } from './brake.ts'
export { LoopLag } from './brake.ts'
export { RefusedInvites, shed } from './shedding.ts'
