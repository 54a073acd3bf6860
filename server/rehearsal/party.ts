import type { Clock } from '../../engine/index.ts'
import type { Guard } from '../guard.ts'
import type {
  SipDialog,
  SipDialogEnd,
  DialogEvents,
  IncomingInvite,
  IncomingReinvite,
  IncomingRequest,
  MessageRecord,
  SipAddress,
  SipStack,
  SipUser,
} from '../sip/stack.ts'
import { uriAt } from './reach.ts'
import type { Milestones } from './milestones.ts'
import { session } from './session.ts'

export interface PartyParts {
  /** A stack of its own, on a port of its own; the party starts it and closes it. */
  stack: SipStack
  clock: Clock
  milestones: Milestones
  /** Starts what is asynchronous; what that rejects with ends the rehearsal. */
  guard: Guard
}

/** A user agent that plays one part in a rehearsal. It says yes to whatever a well-meant peer asks. */
export abstract class Party implements SipUser, DialogEvents {
  protected readonly stack: SipStack
  protected readonly clock: Clock
  protected readonly milestones: Milestones
  protected readonly guard: Guard
  protected dialog: SipDialog | undefined
  #address: SipAddress | undefined

  constructor({ stack, clock, milestones, guard }: PartyParts) {
    this.stack = stack
    this.clock = clock
    this.milestones = milestones
    this.guard = guard
  }

  /** Listens. */
  async open(): Promise<void> {
    await this.stack.start(this)
    this.#address = this.stack.addresses[0]
  }

  /** Where this party is called. */
  uri(user: string): string {
    if (!this.#address) throw new Error('uri: the party does not listen yet')

    return uriAt(user, this.#address)
  }

  protected get session(): string {
    return session(this.#address?.address ?? '127.0.0.1')
  }

  /** Nothing of it is left in a dialog. */
  get idle(): boolean {
    return this.stack.state().dialogs === 0
  }

  /** BYE, if it is in a call. */
  hangUp(): void {
    const { dialog } = this
    if (dialog && !dialog.ended) this.guard.run(() => dialog.bye())
  }

  close(): Promise<void> {
    return this.stack.close()
  }

  // What the stack tells.

  invite(invite: IncomingInvite): void {
    invite.reject(480)
  }

  request(incoming: IncomingRequest): void {
    const { method, body } = incoming.request
    if (method === 'INFO' || method === 'OPTIONS') incoming.respond(200)
    else if (method === 'UPDATE') incoming.respond(200, body === '' ? {} : { body: this.session })
    else incoming.respond(501)
  }

  reinvite(invite: IncomingReinvite): void {
    invite.respond(200, { body: this.session })
  }

  // Its dialog knows that it has ended, and Baton's ladder has the messages: most parties need neither.
  ended: (end: SipDialogEnd) => void = () => undefined
  message: (record: MessageRecord) => void = () => undefined

  connected(): void {
    // Told by stacks that are not in this process.
  }
}
