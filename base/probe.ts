/** How a target is asked by OPTIONS whether it is well, as operators write it and as the code uses it. */

/** Times are seconds. */
export interface WrittenProbe {
  interval?: number
  timeout?: number
  down_after?: number
  up_after?: number
  ok?: readonly number[]
  back_off?: number
}

export interface Probe {
  /** Seconds between two OPTIONS; 0: none. Undefined where the setting of all targets decides. */
  readonly interval: number | undefined
  /** Seconds in which the response must come. */
  readonly timeout: number
  /** Failures in a row after which the target is down. */
  readonly downAfter: number
  /** Good answers in a row after which it is up again. */
  readonly upAfter: number
  /** The statuses that are good answers; undefined: each but 503. */
  readonly ok: readonly number[] | undefined
  /** Seconds that the target gets no call after a call has found it down; twice as long each time. */
  readonly backOff: number
}

/** The values of a probe for the fields that it leaves out. */
export const probeDefaults = { timeout: 2, down_after: 3, up_after: 2, back_off: 10 } as const

export function probeOf({ interval, ok, ...written }: WrittenProbe): Probe {
  const { timeout, down_after: downAfter, up_after: upAfter, back_off: backOff } = { ...probeDefaults, ...written }

  return { interval, timeout, downAfter, upAfter, ok, backOff }
}

/** The probe of a gateway or an agent that says nothing of it. */
export const usualProbe: Probe = probeOf({})
/** The probe of a handoff's host, which is asked only where the handoff has a `probe`. */
export const noProbe: Probe = { ...usualProbe, interval: 0 }
