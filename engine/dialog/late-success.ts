import type { Response } from '../message/index.ts'
import type { Flow } from '../transport/flow.ts'
import type { ClientUser } from '../transaction/index.ts'
import type { Core } from './core.ts'

/**
 * What is left of an INVITE of ours that has been accepted: it repeats the ACK for every 2xx that comes again (RFC 3261
 * 13.2.2.4), and hands over the 2xx of other branches of a fork. Small, since it lives on for 64*T1.
 */
export class LateSuccess implements ClientUser {
  readonly #core: Core
  readonly #onFork: (response: Response) => void
  /** By the peer's tag: the ACK once it has been sent, and where to. */
  readonly #acks = new Map<string, { text: string; flow: Flow } | undefined>()

  constructor(core: Core, remoteTag: string, onFork: (response: Response) => void) {
    this.#core = core
    this.#acks.set(remoteTag, undefined)
    this.#onFork = onFork
  }

  acknowledged(remoteTag: string, text: string, flow: Flow): void {
    this.#acks.set(remoteTag, { text, flow })
  }

  response(response: Response): void {
    if (response.status < 200 || response.status > 299) return
    const tag = response.toTag ?? ''
    const ack = this.#acks.get(tag)
    if (ack) this.#core.resend(ack.text, ack.flow)
    else if (!this.#acks.has(tag)) {
      this.#acks.set(tag, undefined)
      this.#onFork(response)
    }
  }

  timeout(): void {
    // An accepted INVITE cannot time out.
  }

  transportError(): void {
    // Nor fail.
  }
}
