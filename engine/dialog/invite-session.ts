import { isSuccess, type Response } from '../message/index.ts'
import type { Clock, Timer } from '../clock/index.ts'
import type { ClientUser, TimerValues } from '../transaction/index.ts'
import type { Flow } from '../flow/index.ts'
import type { ClientRequest } from './client-request.ts'
import type { Core, HeaderList } from './core.ts'
import type { ServerInvite, ServerRequest } from './server-request.ts'

/** The answer to an INVITE or UPDATE while another one of the peer's, or of ours, is pending (RFC 3261 14.2, RFC 3311 5.2). */
export function overlapRefusal(pending: 'peer' | 'us'): {
  status: 491 | 500
  headers: [name: string, value: string][]
} {
  if (pending === 'us') return { status: 491, headers: [] }

  return { status: 500, headers: [['Retry-After', String(Math.floor(Math.random() * 11))]] }
}

/** The parts of our INVITE that the ACK of its 2xx needs. */
export interface AcceptedInvite {
  cseq: number
  /** RFC 3261 13.2.2.4: the ACK has the credentials of the INVITE. */
  credentials: HeaderList
  repeater: AckRepeater
}

/** A dialog in which every 2xx to an INVITE must be acknowledged. */
interface AcknowledgedDialog {
  endByStack(reason: 'ack_timeout'): void
}

/** The INVITEs and UPDATEs of a dialog that are pending, and the 2xx that wait for an ACK (RFC 3261 13, 14). */
export class InviteSession {
  /** Our INVITE that waits for its final response. */
  ours: object | undefined
  /** The peer's INVITE that waits for our final response. */
  theirs: ServerInvite | undefined
  /** The peer's last UPDATE. */
  theirUpdate: ServerRequest | undefined
  /** The last 2xx to our INVITE, while its ACK is due. */
  accepted: AcceptedInvite | undefined
  readonly #core: Core
  readonly #dialog: AcknowledgedDialog
  #successes: readonly SuccessRetransmission[] = noSuccesses
  /** Our BYE, held until the ACK of our first 2xx (RFC 3261 15). */
  #heldBye: ClientRequest | undefined

  constructor(core: Core, dialog: AcknowledgedDialog) {
    this.#core = core
    this.#dialog = dialog
  }

  /** Our 2xx to the peer's INVITE has been sent; `repeat` sends it again. */
  accept(cseq: number, repeat: () => void): void {
    const { clock, timers } = this.#core
    this.#successes = [...this.#successes, new SuccessRetransmission(clock, timers, cseq, repeat, this)]
  }

  /** The ACK of a 2xx has come; false when that 2xx has been acknowledged before. */
  acknowledge(cseq: number | undefined): boolean {
    const acknowledged = this.#successes.find((success) => success.cseq === cseq)
    if (!acknowledged) return false
    acknowledged.stop()
    this.#successes = this.#successes.filter((success) => success !== acknowledged)

    return true
  }

  /** Sends a BYE as soon as RFC 3261 15 allows it. */
  sendBye(bye: ClientRequest): void {
    if (this.#successes.length > 0) this.#heldBye = bye
    else bye.send()
  }

  releaseBye(): void {
    const bye = this.#heldBye
    if (!bye || this.#successes.length > 0) return
    this.#heldBye = undefined
    bye.send()
  }

  /** The peer's BYE has come first, or the dialog is over. */
  abandonBye(): void {
    const bye = this.#heldBye
    this.#heldBye = undefined
    bye?.abandon(481)
  }

  /** 64*T1 went by without the ACK of a 2xx of ours. */
  unacknowledged(unacknowledged: SuccessRetransmission): void {
    this.#successes = this.#successes.filter((success) => success !== unacknowledged)
    this.releaseBye()
    this.#dialog.endByStack('ack_timeout')
  }

  stop(): void {
    for (const success of this.#successes) success.stop()
    this.#successes = noSuccesses
  }
}

const noSuccesses: readonly SuccessRetransmission[] = []

/** A 2xx to an INVITE, sent again until its ACK comes, on whatever transport (RFC 3261 13.3.1.4). */
class SuccessRetransmission {
  readonly cseq: number
  readonly #clock: Clock
  readonly #t2: number
  readonly #repeat: () => void
  readonly #session: InviteSession
  #intervalMs: number
  #retransmission: Timer | undefined
  #deadline: Timer | undefined

  constructor(clock: Clock, timers: Readonly<TimerValues>, cseq: number, repeat: () => void, session: InviteSession) {
    this.cseq = cseq
    this.#clock = clock
    this.#t2 = timers.t2
    this.#repeat = repeat
    this.#session = session
    this.#intervalMs = timers.t1
    this.#deadline = clock.after(64 * timers.t1, SuccessRetransmission.#giveUp, this)
    this.#schedule()
  }

  stop(): void {
    this.#retransmission?.cancel()
    this.#deadline?.cancel()
    this.#retransmission = this.#deadline = undefined
  }

  #schedule(): void {
    this.#retransmission = this.#clock.after(this.#intervalMs, SuccessRetransmission.#sendAgain, this)
  }

  static #sendAgain(success: SuccessRetransmission): void {
    success.#intervalMs = Math.min(2 * success.#intervalMs, success.#t2)
    success.#schedule()
    success.#repeat()
  }

  static #giveUp(success: SuccessRetransmission): void {
    success.stop()
    success.#session.unacknowledged(success)
  }
}

/** How many branches of a fork that answer beside the first one are acknowledged and released. */
const maxForks = 32

interface Ack {
  readonly text: string
  readonly flow: Flow
}

/**
 * The user of our INVITE's transaction after the first 2xx: it sends the ACK again for every repeated 2xx (RFC 3261
 * 13.2.2.4), and reports the 2xx of other branches of a fork. It lives for 64*T1, and so keeps little.
 */
export class AckRepeater implements ClientUser {
  readonly #core: Core
  readonly #onFork: (response: Response) => void
  readonly #remoteTag: string
  /** The ACK, once it has been sent. */
  #ack: Ack | undefined
  /** The ACKs of the other branches, by the peer's tag; undefined while one is being made. */
  #forks: Map<string, Ack | undefined> | undefined

  constructor(core: Core, remoteTag: string, onFork: (response: Response) => void) {
    this.#core = core
    this.#remoteTag = remoteTag
    this.#onFork = onFork
  }

  acknowledged(remoteTag: string, text: string, flow: Flow): void {
    if (remoteTag === this.#remoteTag) this.#ack = { text, flow }
    else this.#forks?.set(remoteTag, { text, flow })
  }

  response(response: Response): void {
    if (!isSuccess(response.status)) return
    const tag = response.toTag ?? ''
    const isFork = tag !== this.#remoteTag
    const ack = isFork ? this.#forks?.get(tag) : this.#ack
    if (ack) this.#core.resend(ack.text, ack.flow)
    else if (isFork && !this.#forks?.has(tag) && (this.#forks?.size ?? 0) < maxForks) {
      this.#forks ??= new Map()
      this.#forks.set(tag, undefined)
      this.#onFork(response)
    }
  }

  timeout(): void {
    // An accepted INVITE cannot time out.
  }

  transportError(): void {
    // An accepted INVITE cannot fail.
  }
}
