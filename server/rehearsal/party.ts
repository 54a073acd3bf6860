import type { Clock } from '../../engine/index.ts'
import type { Guard } from '../guard.ts'
import { answerFrom } from '../media/session-answer.ts'
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
  /** On a port of its own; the party starts and closes it. */
  stack: SipStack
  clock: Clock
  milestones: Milestones
  /** Runs the party's asynchronous work; an exception ends the rehearsal. */
  guard: Guard
}

/** A user agent that plays one part in a rehearsal. It accepts what a well-behaved peer may ask for. */
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

  async open(): Promise<void> {
    await this.stack.start(this)
    this.#address = this.stack.addresses[0]
  }

  /** The URI that calls this party. */
  uri(user: string): string {
    if (!this.#address) throw new Error('uri: the party does not listen yet')

    return uriAt(user, this.#address)
  }

  protected get session(): string {
    return session(this.#address?.address ?? '127.0.0.1')
  }

  /** The party has no dialog. */
  get idle(): boolean {
    return this.stack.state().dialogs === 0
  }

  /** Sends BYE, if the party is in a call. */
  hangUp(): void {
    const { dialog } = this
    if (dialog && !dialog.ended) this.guard.run(() => dialog.bye())
  }

  close(): Promise<void> {
    return this.stack.close()
  }

  invite(invite: IncomingInvite): void {
    invite.reject(480)
  }

  request(incoming: IncomingRequest): void {
    const { method, body } = incoming.request
    if (method === 'INFO' || method === 'OPTIONS') incoming.respond(200)
    else if (method === 'UPDATE') incoming.respond(200, body === '' ? {} : { body: this.answerTo(incoming.request) })
    else incoming.respond(501)
  }

  reinvite(invite: IncomingReinvite): void {
    invite.respond(200, { body: this.answerTo(invite.request) })
  }

  /** The party's session, with a stream for each one of the offer (RFC 3264 6); as it is, where there is no offer. */
  protected answerTo({ body }: SipRequest): string {
    return answerFrom(this.session, body) ?? this.session
  }

  // Most parties need neither: the dialog knows that it has ended, and Baton's ladder has the messages.
  ended: (end: SipDialogEnd) => void = () => undefined
  message: (record: MessageRecord) => void = () => undefined

  connected(): void {
    // The stack of a party is in this process and always connected.
  }
}

/** `sip:user@address:port`, with the transport where it is not UDP. */
export function uriAt(user: string, { address, port, transport }: SipAddress): string {
  const host = address.includes(':') ? `[${address}]` : address

  return `sip:${user}@${host}:${port}${transport === 'udp' ? '' : `;transport=${transport}`}`
}

/** The events of a rehearsal, in their usual order. */
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

/** The first time of each milestone, in seconds from the caller's INVITE, to the millisecond. */
export class Milestones {
  readonly #now: () => number
  readonly #began: number
  readonly #reached = new Map<Milestone, number>()

  /** @param now milliseconds; the rehearsal begins with this */
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
 * The SDP that a synthetic party offers or answers (RFC 4566): audio on the discard port, so that a rehearsal needs no
 * media.
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

/** The `X-` headers and User-to-User of a request, which a handoff's headers have become; several of a name are joined. */
export function headersReceived(request: SipRequest): Record<string, string> {
  const received: Record<string, string> = {}
  for (const [name, value] of request.entries()) {
    if (!/^(?:x-|user-to-user$)/i.test(name)) continue
    received[name] = received[name] === undefined ? value : `${received[name]}, ${value}`
  }

  return received
}
