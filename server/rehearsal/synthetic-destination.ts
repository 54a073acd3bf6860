import type { Timer } from '../../engine/index.ts'
import type { IncomingInvite } from '../sip/stack.ts'
import { headersReceived } from './headers-received.ts'
import { Party } from './party.ts'

/** How long the destination rings before it answers, in milliseconds. */
const ring = 150

/** Rings, answers, and keeps what it was told about the caller. */
export class SyntheticDestination extends Party {
  /** Undefined until it is called. */
  received: Record<string, string> | undefined
  #timer: Timer | undefined

  override invite(invite: IncomingInvite): void {
    if (this.received) {
      invite.reject(486)

      return
    }
    this.received = headersReceived(invite.request)
    invite.onCancel = () => this.#timer?.cancel()
    invite.progress(180)
    this.milestones.mark('destinationRang')
    this.#timer = this.clock.after(ring, () => {
      this.dialog = invite.accept({ body: this.session }, this)
      this.milestones.mark('destinationAnswered')
    })
  }

  override close(): Promise<void> {
    this.#timer?.cancel()

    return super.close()
  }
}
