import type { Clock, Timer } from '../../engine/index.ts'
import type { Call } from './call.ts'
import type { PartyLeg } from '../legs/party-leg.ts'

/** How often every live call is checked. */
const checkIntervalMs = 1000
const lookIntervalMs = 20
/** A call that is answered sooner is not kept before its answer, which would cost each call a line of the journal. */
const longRingMs = 2000
/** Most calls that are up for so long stay up, and send little: their ladders are deflated. */
const deflateAfterMs = 30_000
/** The most ladders that are deflated in one turn of the event loop: one takes some 30 µs. */
const maxDeflatedPerCheck = 200
/** The delay before an OPTIONS that could not be sent is sent again. */
const resendDelayMs = 4000
/** A call counts as silent once all its parties have been silent for so long. */
const silentAfterMs = 3_600_000

export interface CallWatchOptions {
  clock: Clock
  live: () => Iterable<Call>
  /** A call has rung for some seconds. Once for each call. */
  ringsLong: (call: Call) => void
  /** Seconds since the caller's INVITE; 0: no limit. */
  maxCallDuration: number
}

/**
 * Ends calls that nothing else ends: those beyond the longest duration, and those with a party that has vanished without BYE
 * and without a session timer (RFC 4028). A party that has been silent for its keepalive time gets OPTIONS in its dialog.
 * Deflates the ladders of calls that stay up.
 */
export class CallWatch {
  readonly #options: CallWatchOptions
  /** Legs whose OPTIONS waits for a response. */
  readonly #pinged = new WeakSet<PartyLeg>()
  readonly #ringing = new WeakSet<Call>()
  #timer: Timer | undefined
  /** Ladders that this check has deflated. */
  #deflated = 0

  constructor(options: CallWatchOptions) {
    this.#options = options
  }

  /** A call has begun: live calls are checked from now on, while there are any. */
  begin(): void {
    this.#timer ??= this.#options.clock.after(checkIntervalMs, () => {
      this.#timer = undefined
      let isAnyLive = false
      this.#deflated = 0
      for (const call of this.#options.live()) {
        isAnyLive = true
        call.guard.run(() => {
          this.#check(call)
        })
      }
      if (isAnyLive) this.begin()
    })
  }

  /** The last call has ended. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  silent(): Call[] {
    return [...this.#options.live()].filter(({ legs }) => {
      const up = legs.all.filter((leg) => leg.up)

      return up.length > 0 && up.every(({ dialog }) => (dialog?.silence ?? 0) >= silentAfterMs)
    })
  }

  /** Asks each party of calls that were taken up after a restart whether it is still there, some 50 calls a second. */
  look(calls: readonly Call[]): void {
    for (const [at, call] of calls.entries()) {
      this.#options.clock.after(at * lookIntervalMs, () => {
        for (const leg of call.legs.all) {
          if (!leg.up || this.#pinged.has(leg)) continue
          this.#pinged.add(leg)
          leg.owner.guard.run(() => this.#ping(leg, 'lost_in_restart'))
        }
      })
    }
  }

  #check(call: Call): void {
    const { clock, maxCallDuration, ringsLong } = this.#options
    if (call.state === 'setup' && !this.#ringing.has(call) && clock.now() - call.startedAt >= longRingMs) {
      this.#ringing.add(call)
      ringsLong(call)
    }
    if (maxCallDuration > 0 && clock.now() - call.startedAt >= maxCallDuration * 1000) {
      call.hangUp('max_duration')
      return
    }
    if (clock.now() - call.startedAt >= deflateAfterMs && this.#deflated < maxDeflatedPerCheck) {
      if (call.legs.ladder.deflate()) this.#deflated++
    }
    for (const leg of call.legs.all) {
      const { keepalive, dialog } = leg
      if (keepalive === 0 || !leg.up || !dialog || dialog.silence < keepalive * 1000 || this.#pinged.has(leg)) continue
      this.#pinged.add(leg)
      leg.owner.guard.run(() => this.#ping(leg))
    }
  }

  async #ping(leg: PartyLeg, reason: 'keepalive_timeout' | 'lost_in_restart' = 'keepalive_timeout'): Promise<void> {
    try {
      let isUp = await isAnswered(leg)
      // A next hop that cannot be reached for a moment does not mean that the party has vanished.
      if (isUp === 'unsent') {
        await new Promise<void>((resolve) => this.#options.clock.after(resendDelayMs, resolve))
        isUp = await isAnswered(leg)
      }
      if (isUp !== true) leg.vanished(reason)
    } finally {
      this.#pinged.delete(leg)
    }
  }
}

/** Any response but 408 and 481 means that the peer still has the dialog (RFC 5057 5.1); `unsent`: the request could not be sent. */
async function isAnswered({ dialog, up }: PartyLeg): Promise<boolean | 'unsent'> {
  if (!dialog || !up) return true
  const { status, local } = await dialog.request('OPTIONS', { headers: [['Accept', 'application/sdp']] })
  if (dialog.ended) return true
  if (local && status === 503) return 'unsent'

  return status !== 408 && status !== 481
}
