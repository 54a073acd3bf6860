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
  SipRequest,
} from '../sip/stack.ts'

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

/** `sip:user@address:port`, with the transport where it is not UDP. */
export function uriAt(user: string, { address, port, transport }: SipAddress): string {
  const host = address.includes(':') ? `[${address}]` : address

  return `sip:${user}@${host}:${port}${transport === 'udp' ? '' : `;transport=${transport}`}`
}

/** What happens in a rehearsal, in the order in which it usually does. */
export type Milestone =
  | 'agentRang'
  | 'agentAnswered'
  | 'callerAnswered'
  | 'handoffAsked'
  | 'callerReferred'
  | 'destinationRang'
  | 'destinationAnswered'
  | 'transferEnded'
  | 'callEnded'

/** When each thing happened first, in seconds from the caller's INVITE, to the millisecond. */
export class Milestones {
  readonly #now: () => number
  readonly #began: number
  readonly #reached = new Map<Milestone, number>()

  /** @param now milliseconds; time begins with this */
  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  mark(milestone: Milestone): void {
    if (!this.#reached.has(milestone)) this.#reached.set(milestone, Math.round(this.#now() - this.#began) / 1000)
  }

  view(): Partial<Record<Milestone, number>> {
    return Object.fromEntries(this.#reached)
  }
}

/**
 * The session that a synthetic party offers or answers (RFC 4566): audio that nobody sends, on the discard port, so that a
 * rehearsal needs no media at all.
 */
function session(address: string): string {
  const family = address.includes(':') ? 'IP6' : 'IP4'

  return [
    'v=0',
    `o=baton 1 1 IN ${family} ${address}`,
    's=rehearsal',
    `c=IN ${family} ${address}`,
    't=0 0',
    'm=audio 9 RTP/AVP 0',
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n')
}

/** What a handoff's headers became on the way: the `X-` headers and User-to-User of a request, several of a name joined. */
export function headersReceived(request: SipRequest): Record<string, string> {
  const received: Record<string, string> = {}
  for (const [name, value] of request.entries()) {
    if (!/^(?:x-|user-to-user$)/i.test(name)) continue
    received[name] = received[name] === undefined ? value : `${received[name]}, ${value}`
  }

  return received
}
