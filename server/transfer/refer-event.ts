import type { KeptSubscription } from './kept-transfer.ts'
import { reasonPhrase } from '../../engine/index.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { bodyPart } from '../sip/body-part.ts'
import type { IncomingRequest, SipRequest } from '../sip/stack.ts'

/** Whether a NOTIFY or SUBSCRIBE is of the `refer` event package (RFC 3515 2.4.4), or names none. */
export function isReferEvent({ request }: IncomingRequest): boolean {
  return (request.header('Event') ?? 'refer').split(';', 1)[0]?.trim().toLowerCase() === 'refer'
}

/** The message/sipfrag of a NOTIFY, which may be a part of a multipart body. Many peers name another type, or none. */
export function sipfragOf(notify: SipRequest): string {
  return bodyPart(notify, 'message/sipfrag') ?? notify.body
}

/** The CSeq of the REFER that a NOTIFY or SUBSCRIBE names, quoted or not (RFC 3515 2.4.6); undefined when it names none. */
export function referIdOf(request: SipRequest): string | undefined {
  const [, quoted, plain] = /;\s*id\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(request.header('Event') ?? '') ?? []
  const id = (quoted ?? plain)?.trim()

  return id !== undefined && /^\d+$/.test(id) ? id.replace(/^0+(\d)/, '$1') : id
}

/** Refuses an event package other than `refer`: RFC 6665 4.1.3 for a NOTIFY, 4.2.1.1 for a SUBSCRIBE. */
export function refuseEvent(request: IncomingRequest): void {
  request.respond(489, { headers: [['Allow-Events', 'refer']] })
}

/** RFC 3515 2.4.4: how long an agent's subscription lasts. */
const subscriptionSeconds = 180

/** The implicit subscription of an agent's REFER: NOTIFYs tell the agent, in sipfrags, how its transfer goes (RFC 3515 2.4.4). */
export class AgentSubscription {
  readonly #agent: PartyLeg
  readonly #id: string
  readonly #isFirst: boolean
  readonly #wanted: boolean
  #over = false
  #told: number

  constructor(agent: PartyLeg, { id, isFirst, wanted, told }: KeptSubscription) {
    this.#agent = agent
    this.#id = id
    this.#isFirst = isFirst
    this.#wanted = wanted
    this.#told = told
  }

  /** @param nth which REFER of this dialog it is: those after the first name their CSeq (RFC 3515 2.4.6) */
  static of(agent: PartyLeg, refer: SipRequest, nth: number): AgentSubscription {
    const id = String(parseInt(refer.header('CSeq') ?? '', 10))

    return new AgentSubscription(agent, { id, isFirst: nth === 1, wanted: !declinesSubscription(refer), told: 0 })
  }

  /** The subscription as the next process needs it. */
  keep(): KeptSubscription {
    return { id: this.#id, isFirst: this.#isFirst, wanted: this.#wanted && !this.#over, told: this.#told }
  }

  /** False when the agent asked for no subscription (RFC 4488); our 202 then says `Refer-Sub: false`. */
  get wanted(): boolean {
    return this.#wanted
  }

  /** Whether the REFER came in this leg's dialog. */
  isOf(leg: PartyLeg): boolean {
    return this.#agent === leg
  }

  /** Resolves when the agent has answered the NOTIFY, or its transaction has timed out. */
  async notify(status: number, reason?: string): Promise<void> {
    // Each status is told once.
    if (this.#over || !this.#wanted || !this.#agent.up || status === this.#told) return
    this.#told = status
    this.#over = status >= 200
    await this.#say(
      status,
      reason,
      this.#over ? 'terminated;reason=noresource' : `active;expires=${subscriptionSeconds}`,
    )
  }

  /**
   * A SUBSCRIBE of the agent refreshes the subscription, or ends it with `Expires: 0` (RFC 6665 4.2.1.4); a NOTIFY with the
   * present status follows (4.2.1.2). False for another subscription, and for one that is over.
   */
  renew(subscribe: IncomingRequest): boolean {
    const { request } = subscribe
    if (this.#over || !this.#wanted || !this.#isNamedBy(request)) return false
    const requested = /^\s*\d{1,9}/.exec(request.header('Expires') ?? '')?.[0] ?? subscriptionSeconds
    const granted = Math.min(subscriptionSeconds, Number(requested))
    this.#over = granted === 0
    subscribe.respond(200, { headers: [['Expires', String(granted)]] })
    const state = this.#over ? 'terminated;reason=timeout' : `active;expires=${granted}`
    this.#agent.owner.guard.run(() => this.#say(this.#told, undefined, state))

    return true
  }

  #isNamedBy(subscribe: SipRequest): boolean {
    const id = referIdOf(subscribe)

    return id === undefined ? this.#isFirst : id === this.#id
  }

  async #say(status: number, reason: string | undefined, state: string): Promise<void> {
    await this.#agent.dialog?.request('NOTIFY', {
      headers: [
        ['Event', this.#isFirst ? 'refer' : `refer;id=${this.#id}`],
        ['Subscription-State', state],
        ['Content-Type', 'message/sipfrag;version=2.0'],
      ],
      body: `SIP/2.0 ${status} ${reason ?? reasonPhrase(status)}\r\n`,
    })
  }
}

function declinesSubscription(refer: SipRequest): boolean {
  const referSub = (refer.header('Refer-Sub') ?? '').trim().toLowerCase()
  const required = refer.headers('Require').join(',').toLowerCase()

  return referSub.startsWith('false') || required.split(/[\s,]+/).includes('norefersub')
}
