import { randomUUID } from 'node:crypto'
import { plan, type CallFacts } from '../../routes/index.ts'
import type {
  DialogEnd,
  HeadersToSend,
  IncomingInvite,
  IncomingReinvite,
  IncomingRequest,
  SipRequest,
  SipResponse,
} from '../sip/stack.ts'
import { AgentSubscription } from '../transfer/agent-subscription.ts'
import { isProblem, readRefer } from '../transfer/agent-refer.ts'
import { TransferRefused } from '../transfer/transfer-refused.ts'
import { Transfer, type TransferRequest } from '../transfer/transfer.ts'
import { isRefused, type Admitted, type Refused } from './admission.ts'
import { AgentHunt } from './agent-hunt.ts'
import { agentHeaders, factsOf, identityOf } from './caller.ts'
import type { CallOverride, CallParts } from './call-parts.ts'
import { Ladder } from './ladder.ts'
import { Leg, type LegOwner } from './leg.ts'
import { bodyOf, extensionHeaders, headersOf, isRelayed, relayReinvite, relayRequest } from './relay.ts'
import { answered, refusedByAgent, unanswered, type AnsweredReason, type Termination } from './termination.ts'
import type { CallView, Role } from './views.ts'

type EndedBy = Role | 'baton'

/** How long the agent's 200 to the last NOTIFY may hold up the BYE that follows it. */
const tellAgentMs = 2000

/** One caller, from INVITE to the end: who is on the call, what they say to each other, and how it ends, once. */
export class Call implements LegOwner {
  readonly id = randomUUID()
  readonly admission: Admitted | Refused
  readonly ladder = new Ladder()
  readonly caller: Leg
  readonly transfers: Transfer[] = []
  readonly startedAt: number
  answeredAt: number | undefined
  endedAt: number | undefined
  endedBy: EndedBy | undefined
  termination: Termination | undefined
  readonly #parts: CallParts
  readonly #invite: IncomingInvite
  readonly #callIds: string[] = []
  readonly #override: CallOverride | undefined
  #state: CallView['state'] = 'setup'
  #agent: Leg | undefined
  #destination: Leg | undefined
  #hunt: AgentHunt | undefined
  #lateOffer: boolean
  #refersTaken = 0
  /** The end that waits for a running transfer to come to its outcome. */
  #endAfterTransfer: { termination: Termination; by: EndedBy } | undefined
  #byeHeaders: HeadersToSend = {}

  constructor(parts: CallParts, invite: IncomingInvite, admission: Admitted | Refused) {
    this.#parts = parts
    this.#invite = invite
    this.admission = admission
    this.startedAt = parts.clock.now()
    const { request } = invite
    this.caller = this.#newLeg('caller', admission.caller.uri, request.callId)
    this.caller.heard(request.body)
    this.#lateOffer = request.body === ''
    this.#override = parts.override(request)
  }

  get state(): CallView['state'] {
    return this.#state
  }

  get agent(): Leg | undefined {
    return this.#agent
  }

  get destination(): Leg | undefined {
    return this.#destination
  }

  get invite(): SipRequest {
    return this.#invite.request
  }

  get project(): string {
    return isRefused(this.admission) ? this.admission.project : this.admission.pinned.project
  }

  get environment(): string {
    return isRefused(this.admission) ? this.admission.environment : this.admission.pinned.environment
  }

  /** The Call-IDs of all its legs. */
  get callIds(): readonly string[] {
    return this.#callIds
  }

  /** Ring the agent, or refuse. */
  begin(): void {
    const { admission } = this
    this.#invite.onCancel = (cancel) => {
      if (cancel) this.#byeHeaders = reasonsOf(cancel)
      this.#finish(unanswered.cancelled, 'caller')
    }
    this.#parts.observer.started(this)
    if (isRefused(admission)) this.#finish(admission.refusal, 'baton')
    else this.#ringAgent(admission)
  }

  /**
   * Move the caller. The same handoff joins the transfer that runs already.
   * @throws TransferRefused when there is nobody to move, or another transfer runs
   */
  transfer(request: TransferRequest): { transfer: Transfer; joined: boolean } {
    const started = this.#startTransfer(request)
    if (!started.joined) void this.#run(started.transfer)

    return started
  }

  #startTransfer(request: TransferRequest): { transfer: Transfer; joined: boolean } {
    const running = this.#running
    if (running && running.request.handoff === request.handoff) return { transfer: running, joined: true }
    if (running) throw TransferRefused.running(running.request.handoff)
    if (this.#state !== 'connected') throw TransferRefused.notConnected(this.#state)

    const transfer = this.#newTransfer(request)
    this.transfers.push(transfer)
    this.#state = 'transferring'
    this.#parts.observer.transferRequested(this, transfer)

    return { transfer, joined: false }
  }

  /** End it. A transfer that runs is stopped, and has its outcome first. */
  hangUp(reason: 'hung_up_by_api' | 'shutdown' | 'connection_lost'): void {
    if (this.#state === 'setup') {
      this.#finish(reason === 'shutdown' ? unanswered.draining : unanswered[reason], 'baton')
    } else {
      this.#end(answered(reason), 'baton')
      this.#running?.stop({ result: 'failed', reason: reason === 'shutdown' ? 'hung_up_by_api' : reason, then: 'stop' })
    }
  }

  request(leg: Leg, request: IncomingRequest): void {
    const { method } = request.request
    const peer = this.#peerOf(leg)
    if (method === 'REFER') this.#refer(leg, request)
    else if (method === 'NOTIFY') this.#notify(leg, request)
    else if (isRelayed(method) && peer) void relayRequest(leg, peer, request)
    else request.respond(isRelayed(method) ? 480 : 501)
  }

  reinvite(leg: Leg, invite: IncomingReinvite): void {
    const peer = this.#peerOf(leg)
    if (peer?.up) void relayReinvite(leg, peer, invite)
    // The other party is just being replaced; its successor's session comes first.
    else invite.respond(491)
  }

  ack(leg: Leg, ack: SipRequest): void {
    if (leg !== this.caller || !this.#lateOffer || !this.#agent) return
    this.#lateOffer = false
    this.#agent.dialog?.ack(this.#agent.describe(ack.body))
  }

  ended(leg: Leg, end: DialogEnd): void {
    if (end.by === 'peer') this.#byeHeaders = reasonsOf(end.request)
    const running = this.#running
    // The agent has asked for the transfer; whether it stays to see it through is its own affair.
    if (running && leg === this.#agent) return
    if (running && leg !== this.caller) return
    this.#end(answered(reasonOfEnd(end)), end.by === 'peer' ? leg.role : 'baton')
    if (leg === this.caller) running?.callerGone(end)
  }

  #ringAgent({ caller, pinned }: Admitted): void {
    const { stack, clock, settings } = this.#parts
    this.#hunt = new AgentHunt(
      {
        stack,
        clock,
        agents: this.#override?.agents ?? pinned.agents,
        agentTimeout: settings.agentTimeout,
        offer: this.caller.remoteSdp,
        invite: { from: caller.from, to: caller.to, headers: agentHeaders(this.invite, this.id, pinned) },
        newLeg: (uri) => (this.#agent = this.#newLeg('agent', uri, randomUUID())),
      },
      {
        progress: (response) => {
          const { body, headers } = bodyOf(response)
          const described = body === undefined ? {} : this.caller.describe(body)
          this.#invite.progress(response.status, {
            reason: response.reason,
            ...described,
            headers: { ...headers, ...extensionHeaders(response) },
          })
        },
        answered: (response, leg) => {
          this.#answered(response, leg)
        },
        refused: (response) => {
          this.#finish(refusedByAgent(response), 'agent')
        },
        exhausted: () => {
          this.#finish(unanswered.no_agent, 'baton')
        },
      },
    )
    this.#hunt.start()
  }

  #answered(response: SipResponse, agent: Leg): void {
    this.answeredAt = this.#parts.clock.now()
    this.#state = 'connected'
    // With a late offer, the caller's ACK brings the answer that the agent waits for (RFC 3261 13.2.2.4).
    if (!this.#lateOffer) agent.dialog?.ack()
    this.caller.dialog = this.#invite.accept(
      { ...this.caller.describe(response.body), headers: extensionHeaders(response) },
      this.caller,
    )
    this.#parts.observer.answered(this)
  }

  #refer(leg: Leg, { request, respond }: IncomingRequest): void {
    // Only the agent moves callers; a caller that could would choose its own destination.
    if (leg !== this.#agent) return respond(603)
    const read = readRefer(request)
    if (isProblem(read)) return respond(read.status, { reason: read.reason })
    const subscription = new AgentSubscription(leg, request, ++this.#refersTaken)
    try {
      const { transfer, joined } = this.#startTransfer(read)
      respond(202, subscription.wanted ? {} : { headers: { 'Refer-Sub': 'false' } })
      transfer.join(subscription)
      if (!joined) void this.#run(transfer)
    } catch (error) {
      if (!(error instanceof TransferRefused)) throw error
      respond(error.sipStatus, { headers: { Warning: `399 baton "${error.detail}"` } })
    }
  }

  #notify(leg: Leg, request: IncomingRequest): void {
    const event = (request.request.header('Event') ?? 'refer').split(';', 1)[0]?.trim().toLowerCase()
    const transfer = this.transfers.at(-1)
    if (event !== 'refer') request.respond(489, { headers: { 'Allow-Events': 'refer' } })
    else if (leg !== this.caller || !transfer) request.respond(481)
    else transfer.notify(request)
  }

  #newTransfer(request: TransferRequest): Transfer {
    const { admission } = this
    const agent = this.#agent
    if (isRefused(admission) || !agent) throw TransferRefused.notConnected(this.#state)
    const { pinned, caller, trunk } = admission
    const planned = plan(pinned, request, this.facts(admission))
    const route = this.#override?.route
    const steps = route === undefined ? planned.steps : planned.steps.map((step) => ({ ...step, target: route }))

    return new Transfer(
      request,
      { ...planned, steps },
      {
        stack: this.#parts.stack,
        clock: this.#parts.clock,
        memory: this.#parts.memory,
        caller: this.caller,
        agent,
        trunk,
        from: caller.from,
        identity: identityOf(this.invite),
        newDestination: (uri) => this.#newLeg('destination', uri, randomUUID()),
      },
      {
        progress: (transfer) => {
          this.#parts.observer.transferProgress(this, transfer)
        },
        attemptEnded: (record, verdict) => {
          this.#parts.observer.attemptEnded(this, record, verdict)
        },
      },
    )
  }

  /** What header templates are filled in from. */
  facts({ caller }: Admitted): CallFacts {
    return factsOf(this.id, this.invite, caller)
  }

  async #run(transfer: Transfer): Promise<void> {
    const verdict = await transfer.run()
    const waiting = this.#endAfterTransfer
    const destination = transfer.bridgedTo
    if (destination) {
      destination.owner = this
      this.#destination = destination
      this.#state = 'bridged'
    } else if (verdict.result === 'succeeded') {
      void this.caller.bye()
    } else if (!waiting && this.#agent?.up) {
      this.#state = 'connected'
    }
    this.#parts.observer.transferEnded(this, transfer)
    await this.#told(transfer)

    if (waiting)
      this.#finish(verdict.result === 'succeeded' ? answered('transferred') : waiting.termination, waiting.by)
    else if (destination?.up === false) this.#finish(answered('hangup'), 'destination')
    else if (destination) void this.#agent?.bye()
    else if (verdict.result === 'succeeded') this.#finish(answered('transferred'), 'baton')
    else if (!this.#agent?.up) this.#finish(answered('transfer_failed'), 'baton')
  }

  // The agent hears how it ended before it hears BYE, unless it takes too long to listen.
  async #told(transfer: Transfer): Promise<void> {
    await Promise.race([
      transfer.tellAgent(),
      new Promise<void>((resolve) => this.#parts.clock.after(tellAgentMs, resolve)),
    ])
  }

  get #running(): Transfer | undefined {
    const last = this.transfers.at(-1)

    return last?.running ? last : undefined
  }

  #peerOf(leg: Leg): Leg | undefined {
    if (leg !== this.caller) return this.caller

    return this.#destination ?? this.#agent
  }

  #newLeg(role: Role, uri: string, callId: string): Leg {
    this.#parts.ladders.open(this.ladder, role, callId)
    this.#callIds.push(callId)

    return new Leg(role, uri, callId, this)
  }

  /** A call whose transfer still runs ends when that has its outcome. */
  #end(termination: Termination, by: EndedBy): void {
    if (this.#running) this.#endAfterTransfer ??= { termination, by }
    else this.#finish(termination, by)
  }

  #finish(termination: Termination, by: EndedBy): void {
    if (this.#state === 'ended') return
    const wasSetup = this.#state === 'setup'
    this.#state = 'ended'
    this.termination = termination
    this.endedBy = by
    this.endedAt = this.#parts.clock.now()
    const headers = this.#byeHeaders

    if (wasSetup) {
      this.#hunt?.cancel({ headers })
      this.#invite.reject(termination.sipStatus, { ...(termination.headers && { headers: termination.headers }) })
    }
    if (this.#lateOffer) this.#agent?.dialog?.ack()
    for (const leg of [this.caller, this.#agent, this.#destination]) void leg?.bye({ headers })
    this.#parts.over(this)
  }
}

/** Why somebody left, for the one who is left. */
function reasonsOf(message: SipRequest): HeadersToSend {
  return { ...headersOf(message, ['Reason']), ...extensionHeaders(message) }
}

function reasonOfEnd(end: DialogEnd): AnsweredReason {
  if (end.by === 'peer') return 'hangup'

  return end.reason === 'ack_timeout' ? 'no_ack' : end.reason === 'refused' ? 'hangup' : end.reason
}
