import { performance, type EventLoopUtilization } from 'node:perf_hooks'

const INTERVAL = 50
// A loop that has nothing to wait for still asks the system what there is to do.
const busy = 0.98

/**
 * How late this process is: the longer of how much too late a timer came, and for how long the event loop has had no idle
 * moment. The second is what a queue of datagrams looks like, which are read between timers that come in time.
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
    this.#timer ??= setInterval(() => this.#measure(), INTERVAL).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.lag = 0
  }

  /** @param elapsed milliseconds since the last sample @param utilization share of them that the loop was not idle */
  sample(elapsed: number, utilization: number): void {
    this.#busyFor = utilization >= busy ? this.#busyFor + elapsed : 0
    this.lag = Math.max(elapsed - INTERVAL, this.#busyFor)
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
