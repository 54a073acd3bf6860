import type { Clock, Timer } from '../../engine/index.ts'
import type { MediaResult } from './media-port.ts'
import type { MediaSide, MediaStatistics } from './media-statistics.ts'

/** When an answered session is measured: twice within five seconds, so that one-way audio is found, and then now and then. */
const firstMeasuresMs = [2000, 2000]
const measureIntervalMs = 10_000

/** The sides of an answered session that no packet has come from. */
export type SilentSides = readonly MediaSide[]
const none: SilentSides = []

interface LegMeterParts {
  clock: Clock
  /** Undefined while there is no session. */
  query: () => Promise<MediaResult<MediaStatistics>> | undefined
  /** Whether this side is to send media: its session is not on hold. */
  isToSend: (side: MediaSide) => boolean
  /** Sides are found silent, once for each session. */
  foundSilent: (sides: SilentSides) => void
}

/** Measures what comes from each side of an anchored leg, from the answer to the end. */
export class LegMeter {
  readonly #parts: LegMeterParts
  #statistics: MediaStatistics = {}
  #silent = none
  #timer: Timer | undefined
  #measured = 0

  constructor(parts: LegMeterParts) {
    this.#parts = parts
  }

  /** The last statistics; those of the whole session once it is closed. */
  get statistics(): MediaStatistics {
    return this.#statistics
  }

  get silent(): SilentSides {
    return this.#silent
  }

  /** The session has been answered. */
  start(): void {
    if (this.#measured > 0 || this.#timer) return
    this.#silent = none
    this.#measureAfter(firstMeasuresMs[0])
  }

  /** The session is over; a next one is measured from its beginning. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#measured = 0
  }

  note(result: MediaResult<MediaStatistics>): void {
    if (result.problem === undefined) this.#statistics = result.value
  }

  #measureAfter(ms = measureIntervalMs): void {
    this.#timer = this.#parts.clock.after(ms, () => {
      this.#measure()?.catch(() => undefined)
    })
  }

  #measure(): Promise<void> | undefined {
    const timer = this.#timer

    return this.#parts.query()?.then((result) => {
      // Stopped meanwhile.
      if (timer !== this.#timer) return
      this.note(result)
      this.#measured += 1
      if (this.#measured >= firstMeasuresMs.length && result.problem === undefined) this.#judge(result.value)
      this.#measureAfter(firstMeasuresMs[this.#measured])
    })
  }

  #judge(statistics: MediaStatistics): void {
    const { isToSend, foundSilent } = this.#parts
    const areSending = (['caller', 'party'] as const).every(isToSend)
    const silent = (['caller', 'party'] as const).filter((side) => (statistics[side]?.packets ?? 0) === 0)
    if (!areSending) return
    if (silent.length > 0 && this.#silent.length === 0) foundSilent(silent)
    this.#silent = silent
  }
}
