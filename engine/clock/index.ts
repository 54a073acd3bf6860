export { type Clock, CountingClock, type Timer } from './clock.ts'
export { TimerWheel } from './timer-wheel.ts'
export { isoTime, wallTime } from './clock.ts'
