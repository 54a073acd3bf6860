import type { Clock, Timer, TimerValues } from '../transaction/index.ts'

/** What happens to our 2xx to an INVITE. */
export interface SuccessUser {
  /** 64*T1 went by without an ACK. */
  unacknowledged(): void
}

/** A 2xx to an INVITE, sent again until its ACK comes, on whatever transport (RFC 3261 13.3.1.4). */
export class SuccessRetransmission {
  readonly cseq: number
  readonly #clock: Clock
  readonly #t2: number
  readonly #repeat: () => void
  #interval: number
  #retransmission: Timer | undefined
  #deadline: Timer | undefined

  constructor(clock: Clock, timers: Readonly<TimerValues>, cseq: number, repeat: () => void, user: SuccessUser) {
    this.cseq = cseq
    this.#clock = clock
    this.#t2 = timers.t2
    this.#repeat = repeat
    this.#interval = timers.t1
    this.#deadline = clock.after(64 * timers.t1, () => {
      this.stop()
      user.unacknowledged()
    })
    this.#schedule()
  }

  stop(): void {
    this.#retransmission?.cancel()
    this.#deadline?.cancel()
    this.#retransmission = this.#deadline = undefined
  }

  #schedule(): void {
    this.#retransmission = this.#clock.after(this.#interval, () => {
      this.#interval = Math.min(2 * this.#interval, this.#t2)
      this.#schedule()
      this.#repeat()
    })
  }
}
