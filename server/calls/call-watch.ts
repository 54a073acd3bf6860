import type { Clock, Timer } from '../../engine/index.ts'
import type { Call } from './call.ts'
import type { PartyLeg } from '../legs/party-leg.ts'

/** How often the live calls are looked through, in milliseconds. */
const intervalMs = 1000
/** How long after an OPTIONS that could not be sent another one is tried, in milliseconds. */
const resendDelayMs = 4000
/** From when on a call of which nothing was heard is counted as silent, in milliseconds. */
const silentAfterMs = 3_600_000

export interface CallWatchOptions {
  clock: Clock
  live: () => Iterable<Call>
  /** Seconds from the caller's INVITE on; 0 for ever. */
  maxCallDuration: number
}

/**
 * Ends the calls that nothing else ends: those that last too long, and those with a party that has vanished without a BYE
 * and without a session timer (RFC 4028). A party of which nothing was heard for long is asked by OPTIONS in its dialog.
 */
export class CallWatch {
  readonly #options: CallWatchOptions
  /** Legs whose OPTIONS waits for its response. */
  readonly #asked = new WeakSet<PartyLeg>()
  #timer: Timer | undefined

  constructor(options: CallWatchOptions) {
    this.#options = options
  }

  /** A call has begun: from now on, and while there are calls, they are looked through. */
  begin(): void {
    this.#timer ??= this.#options.clock.after(intervalMs, () => {
      this.#timer = undefined
      let isAnyLive = false
      for (const call of this.#options.live()) {
        isAnyLive = true
        call.guard.run(() => {
          this.#look(call)
        })
      }
      if (isAnyLive) this.begin()
    })
  }

  /** The last call is over. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** The calls of which nothing was heard for an hour, from any party. */
  silent(): Call[] {
    return [...this.#options.live()].filter(({ legs }) => {
      const up = legs.filter((leg) => leg.up)

      return up.length > 0 && up.every(({ dialog }) => (dialog?.silence ?? 0) >= silentAfterMs)
    })
  }

  #look(call: Call): void {
    const { clock, maxCallDuration } = this.#options
    if (maxCallDuration > 0 && clock.now() - call.startedAt >= maxCallDuration * 1000) {
      call.hangUp('max_duration')
      return
    }
    for (const leg of call.legs) {
      const { keepalive, dialog } = leg
      if (keepalive === 0 || !leg.up || !dialog || dialog.silence < keepalive * 1000 || this.#asked.has(leg)) continue
      this.#asked.add(leg)
      leg.owner.guard.run(() => this.#ask(leg))
    }
  }

  async #ask(leg: PartyLeg): Promise<void> {
    try {
      let isThere = await isAnswered(leg)
      // A moment without a way to the peer is not the peer's end.
      if (isThere === 'unsent') {
        await new Promise<void>((resolve) => this.#options.clock.after(resendDelayMs, resolve))
        isThere = await isAnswered(leg)
      }
      if (isThere !== true) leg.vanished('keepalive_timeout')
    } finally {
      this.#asked.delete(leg)
    }
  }
}

/** Any response but 408 and 481 says that the peer still has the dialog (RFC 5057 5.1); `unsent` when there was no way to it. */
async function isAnswered({ dialog, up }: PartyLeg): Promise<boolean | 'unsent'> {
  if (!dialog || !up) return true
  const { status, local } = await dialog.request('OPTIONS', { headers: [['Accept', 'application/sdp']] })
  if (dialog.ended) return true
  if (local && status === 503) return 'unsent'

  return status !== 408 && status !== 481
}
