export { type Clock, CountingClock, isoTime, momentOf, type Timer, wallTime } from './clock.ts'
export { TimerWheel } from './timer-wheel.ts'
