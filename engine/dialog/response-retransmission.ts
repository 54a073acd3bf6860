import type { Clock, Timer } from '../clock/index.ts'
import { randomInt } from 'node:crypto'

import type { TimerValues } from '../transaction/index.ts'

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

/** Whose provisional responses are sent reliably. */
export interface ReliableUser {
  /** 64*T1 went by without a PRACK (RFC 3262 3). */
  unacknowledged(): void
}

/** The reliable provisional responses to one INVITE: one at a time, each sent again until its PRACK comes (RFC 3262 3). */
export class ReliableProvisional {
  readonly #clock: Clock
  readonly #timers: Readonly<TimerValues>
  readonly #user: ReliableUser
  #rseq = randomInt(1, 1_000_000)
  #retransmission: Timer | undefined
  #deadline: Timer | undefined
  /** What is to be sent once the PRACK is there. */
  #waiting: (() => void)[] = []

  constructor(clock: Clock, timers: Readonly<TimerValues>, user: ReliableUser) {
    this.#clock = clock
    this.#timers = timers
    this.#user = user
  }

  /** Calls `send` when no response waits for its PRACK. */
  whenAcknowledged(send: () => void): void {
    if (this.#deadline) this.#waiting.push(send)
    else send()
  }

  /** The RSeq of the next response. */
  nextRSeq(): number {
    return (this.#rseq += 1)
  }

  /** The response with the last RSeq has been sent; `repeat` sends it again. */
  sent(repeat: () => void): void {
    this.#deadline = this.#clock.after(64 * this.#timers.t1, () => {
      this.stop()
      this.#user.unacknowledged()
    })
    this.#schedule(this.#timers.t1, repeat)
  }

  /** Whether a PRACK's RAck (`rseq cseq method`) is that of the response that waits for it. */
  matches(rack: string, cseq: number | undefined): boolean {
    const [rseq, number, method] = rack.trim().split(/\s+/)

    return this.#deadline !== undefined && Number(rseq) === this.#rseq && Number(number) === cseq && method === 'INVITE'
  }

  /** The PRACK is there. */
  acknowledged(): void {
    const waiting = this.#waiting
    this.stop()
    for (const send of waiting) this.whenAcknowledged(send)
  }

  stop(): void {
    this.#retransmission?.cancel()
    this.#deadline?.cancel()
    this.#retransmission = this.#deadline = undefined
    this.#waiting = []
  }

  // RFC 3262 3: doubling, without Timer G's limit of T2.
  #schedule(interval: number, repeat: () => void): void {
    this.#retransmission = this.#clock.after(interval, () => {
      repeat()
      this.#schedule(2 * interval, repeat)
    })
  }
}
