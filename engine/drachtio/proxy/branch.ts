import { createResponse, type Request, type Response } from '../../message/index.ts'
import type { Core } from '../../dialog/core.ts'
import { randomToken } from '../../random.ts'
import type { ClientUser, InviteClientTransaction, Timer } from '../../transaction/index.ts'
import type { Flow } from '../../transport/index.ts'

/** Who sent the branch out. Exactly one `final` for each; a 2xx to an INVITE may come again. */
export interface BranchUser {
  provisional(response: Response, branch: Branch): void
  final(response: Response, branch: Branch): void
}

/** How long a target may take, in milliseconds. */
export interface Patience {
  /** For any response at all. */
  provisional: number | undefined
  /** For the final one. */
  final: number | undefined
}

/** A proxied request on its way to one target (RFC 3261 16.6 to 16.8). */
export class Branch implements ClientUser {
  readonly flow: Flow
  readonly request: Request
  readonly #core: Core
  readonly #user: BranchUser
  #transaction: InviteClientTransaction | undefined
  #timers: Timer[] = []
  #silence: Timer | undefined
  #isFinished = false

  constructor(core: Core, request: Request, flow: Flow, user: BranchUser) {
    this.#core = core
    this.request = request
    this.flow = flow
    this.#user = user
  }

  send({ provisional, final }: Patience): void {
    const { layer, clock } = this.#core
    if (provisional !== undefined) this.#silence = clock.after(provisional, () => this.#giveUp())
    if (final !== undefined) this.#timers.push(clock.after(final, () => this.#giveUp()))
    if (this.request.method === 'INVITE') this.#transaction = layer.invite(this.request, this.flow, this)
    else layer.request(this.request, this.flow, this)
  }

  /** Cancels an INVITE; its final response is heard all the same. */
  cancel(): void {
    this.#transaction?.cancel()
  }

  response(response: Response): void {
    this.#silence?.cancel()
    if (response.status >= 200) this.#finish(response)
    // 16.7 step 2: 100 is for us.
    else if (response.status > 100 && !this.#isFinished) this.#user.provisional(response, this)
  }

  timeout(): void {
    this.#finish(this.#made(408))
  }

  transportError(): void {
    this.#finish(this.#made(503))
  }

  #giveUp(): void {
    if (this.#isFinished) return
    this.cancel()
    this.#finish(this.#made(408))
  }

  #finish(response: Response): void {
    const isSuccess = response.status < 300
    // A 2xx goes on as often as it comes, and even when we had given up.
    if (this.#isFinished && !(isSuccess && this.request.method === 'INVITE')) return
    this.#isFinished = true
    this.#silence?.cancel()
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
    this.#user.final(response, this)
  }

  #made(status: number): Response {
    return createResponse(this.request, status, undefined, randomToken())
  }
}
