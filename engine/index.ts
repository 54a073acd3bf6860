export * from './message/index.ts'
export { type Machine, type Transition, ignore, machine, to } from './transaction/machine.ts'
export { type Clock, defaultTimers, type Timer, type TimerValues, TimerWheel } from './transaction/index.ts'
