import { performance, type EventLoopUtilization } from 'node:perf_hooks'

const sampleIntervalMs = 50
// A busy loop still polls the system for events, which counts as idle time.
const busyUtilization = 0.98

/**
 * The lag of this process: the longer of a timer's delay and the time that the event loop has had no idle moment. The second
 * shows a queue of datagrams, which are read between timers that fire in time.
 */
export class LoopLag {
  /** Milliseconds. */
  lag = 0
  #busyFor = 0
  #last = 0
  #utilization: EventLoopUtilization | undefined
  #timer: NodeJS.Timeout | undefined

  start(): void {
    this.#last = performance.now()
    this.#utilization = performance.eventLoopUtilization()
    this.#timer ??= setInterval(() => this.#measure(), sampleIntervalMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.lag = 0
  }

  /** @param elapsed milliseconds since the last sample @param utilization share of them in which the loop was busy */
  sample(elapsed: number, utilization: number): void {
    this.#busyFor = utilization >= busyUtilization ? this.#busyFor + elapsed : 0
    this.lag = Math.max(elapsed - sampleIntervalMs, this.#busyFor)
  }

  #measure(): void {
    const now = performance.now()
    const utilization = performance.eventLoopUtilization()
    const { utilization: share } = performance.eventLoopUtilization(utilization, this.#utilization)
    this.sample(now - this.#last, share)
    this.#last = now
    this.#utilization = utilization
  }
}
