import type { Flow } from '../flow/index.ts'
import { isSuccess, type Response } from '../message/index.ts'
import type { ClientUser } from '../transaction/index.ts'
import type { Core } from './core.ts'

/** How many branches of a fork that answer beside the first one are acknowledged and released. */
const maxForks = 32

interface Ack {
  readonly text: string
  readonly flow: Flow
}

/**
 * What is left of an INVITE of ours that has been accepted: it repeats the ACK for every 2xx that comes again (RFC 3261
 * 13.2.2.4), and hands over the 2xx of other branches of a fork. Small, since it lives on for 64*T1.
 */
export class AckRepeater implements ClientUser {
  readonly #core: Core
  readonly #onFork: (response: Response) => void
  readonly #remoteTag: string
  /** Once it has been sent. */
  #ack: Ack | undefined
  /** Of the other branches, by the peer's tag; undefined while their ACK is being made. */
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
    // Nor fail.
  }
}
