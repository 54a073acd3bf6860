import { randomUUID } from 'node:crypto'
import { copyText } from '../../engine/index.ts'
import type {
  SipDialogEnd,
  HeadersToSend,
  IncomingInvite,
  IncomingReinvite,
  IncomingRequest,
  SipRequest,
  SipResponse,
} from '../sip/stack.ts'
import { Guard } from '../guard.ts'
import { sessionOf } from '../media/session-body.ts'
import { byeCancels } from '../transfer/agent-refer.ts'
import { isSipsInvite } from '../sip/secure-uri.ts'
import { isRefresh } from '../sip/defer-request.ts'
import type { DestinationParts } from '../transfer/destination.ts'
import type { OtherCall } from '../transfer/attempt.ts'
import type { Transfer, TransferRequest } from '../transfer/transfer.ts'
import { cancelled, internalError } from '../transfer/outcome.ts'
import { isRefused, type Admitted, type Refused } from './admission.ts'
import { refusedByAgent } from './agent-refusals.ts'
import { CallTransfers, type AcceptedTransfer } from './call-transfers.ts'
import type { Consultation } from './consultation.ts'
import { FarEnd } from './far-end.ts'
import { callOriginOf, type CallOrigin } from '../legs/caller.ts'
import { reasonHeaders } from '../legs/headers.ts'
import type { CallOverride, CallParts } from './call-parts.ts'
import { CallSetup } from './call-setup.ts'
import type { Ladder } from './ladders.ts'
import { PartyLeg, type PartyLegOwner } from '../legs/party-leg.ts'
import { reinviteWithoutPeer, requestWithoutPeer, isRelayed, relayReinvite, relayRequest } from '../legs/relay.ts'
import {
  releaseCause,
  type ReleaseCause,
  answered,
  reasonOfEnd,
  unanswered,
  type Termination,
} from '../legs/termination.ts'
import type { CallView, EndedBy, PartyRole, TriedParty } from '../legs/views.ts'

/** How many of the parties that were called in vain a call tells of. */
const maxTried = 8

/** One caller, from INVITE to the end: who is on the call, what they say to each other, and how it ends, once. */
export class Call implements PartyLegOwner {
  readonly id = randomUUID()
  readonly guard = new Guard((error) => {
    this.#fail(error)
  })
  readonly admission: Admitted | Refused
  readonly ladder: Ladder
  readonly caller: PartyLeg
  /** Whether it is a sips call, each of whose legs must be secure. */
  readonly isSecure: boolean
  readonly origin: CallOrigin
  readonly startedAt: number
  /** When the caller first heard a provisional response beyond 100. */
  ringingAt: number | undefined
  answeredAt: number | undefined
  endedAt: number | undefined
  /** The handoff that `agent_down` gave the call to; '' when it has an agent. */
  handoffInstead = ''
  /** Whom it has called in vain before its answer, and what each answered; the last ones where there were many. */
  tried: readonly TriedParty[] = []
  endedBy: EndedBy | undefined
  termination: Termination | undefined
  releaseCause: ReleaseCause | undefined
  readonly #parts: CallParts
  #setup: CallSetup | undefined
  #callIds: string[] = []
  readonly #override: CallOverride | undefined
  readonly #transfers: CallTransfers
  #state: CallView['state'] = 'setup'
  #agent: PartyLeg | undefined
  #destination: PartyLeg | undefined
  #lateOffer: boolean
  #farEnd: FarEnd | undefined
  #byeHeaders: HeadersToSend = []

  /** @param override what a rehearsal puts in the place of the table's agents and routes */
  constructor(parts: CallParts, invite: IncomingInvite, admission: Admitted | Refused, override?: CallOverride) {
    const { guard } = this
    this.#parts = { ...parts, clock: guard.clock(parts.clock), stack: guard.stack(parts.stack) }
    this.admission = admission
    this.ladder = parts.ladders.create()
    this.startedAt = parts.clock.now()
    const { request } = invite
    this.origin = callOriginOf(request, parts.settings.nodeName)
    this.isSecure = parts.settings.sip.sips === 'secure' && (isSipsInvite(request) || consultsSecurely(admission))
    this.caller = this.#newLeg('caller', admission.caller.uri, copyText(request.callId))
    this.caller.noteRemoteSdp(sessionOf(request))
    this.#lateOffer = this.caller.remoteSdp === ''
    this.#override = override
    this.#setup = new CallSetup(this, this.#parts, invite)
    this.#transfers = new CallTransfers(this, this.#parts, this.#override)
  }

  get state(): CallView['state'] {
    return this.#state
  }

  get agent(): PartyLeg | undefined {
    return this.#agent
  }

  get destination(): PartyLeg | undefined {
    return this.#destination
  }

  /** Everybody who has, or had, a dialog in it. */
  get legs(): readonly PartyLeg[] {
    return [this.caller, this.#agent, this.#destination].filter((leg) => leg !== undefined)
  }

  /** What an agent asks for that calls a handoff itself; undefined for a caller's call. */
  get consultation(): Consultation | undefined {
    return isRefused(this.admission) ? undefined : this.admission.consultation
  }

  /** The agent, by the URI that its environment has. */
  get agentUri(): string | undefined {
    return this.consultation?.agent ?? this.#agent?.uri
  }

  /** What an attended transfer may take over; undefined while there is nobody on either side, or one of them is on the move. */
  get farEnd(): FarEnd | undefined {
    const [far, agent] = this.consultation ? [this.#destination, this.caller] : [this.caller, this.#agent]
    const isSettled = this.#state === (this.consultation ? 'bridged' : 'connected')
    if (!isSettled || !far || !agent || this.#farEnd?.isDetached) return undefined

    return (this.#farEnd ??= new FarEnd(this, far, agent))
  }

  get transfers(): readonly Transfer[] {
    return this.#transfers.all
  }

  get invite(): SipRequest {
    if (!this.#setup) throw new Error('the call has ended, and its INVITE is not kept')

    return this.#setup.request
  }

  get project(): string {
    return isRefused(this.admission) ? this.admission.project : this.admission.pinned.project
  }

  get environment(): string {
    return isRefused(this.admission) ? this.admission.environment : this.admission.pinned.environment
  }

  /** A synthetic call of our own. */
  get isRehearsal(): boolean {
    return this.#override !== undefined
  }

  /** The Call-IDs of all its legs. */
  get callIds(): readonly string[] {
    return this.#callIds
  }

  /** Ring the agent, or refuse. */
  begin(): void {
    const { admission } = this
    this.#parts.observer.started(this)
    this.guard.run(() => {
      if (isRefused(admission)) this.finish(admission.refusal, 'baton')
      else this.#setup?.ring(admission, this.#override?.agents)
    })
  }

  /** Somebody is rung, who has the place of a party from now on. */
  createPartyLeg(role: 'agent' | 'destination', uri: string): PartyLeg {
    const leg = this.#newLeg(role, uri, randomUUID())
    if (role === 'agent') this.#agent = leg
    else this.#destination = leg

    return leg
  }

  noteTried(uri: string, what: string): void {
    this.tried = [...this.tried, { uri: copyText(uri), what: copyText(what) }].slice(-maxTried)
  }

  answered(response: SipResponse, party: PartyLeg): void {
    const now = this.#parts.clock.now()
    // With a late offer, the caller's ACK brings the answer that the agent waits for (RFC 3261 13.2.2.4).
    if (!this.#lateOffer) party.dialog?.ack()
    this.#setup?.accept(response)
    this.answeredAt = now
    this.#state = party.role === 'agent' ? 'connected' : 'bridged'
    this.#parts.observer.answered(this)
  }

  /** An agent has refused it for all agents. */
  refused(response: SipResponse): void {
    this.#byeHeaders = reasonHeaders(response)
    this.finish(refusedByAgent(response), 'agent')
  }

  /** The caller's INVITE is cancelled, by its CANCEL or for want of a transport. */
  cancelled(cancel?: SipRequest): void {
    if (cancel) this.#byeHeaders = reasonHeaders(cancel)
    this.#endUnanswered(unanswered.cancelled, 'caller')
  }

  /** A reliable provisional response was never acknowledged (RFC 3262 3): the caller has got 504. */
  unacknowledged(): void {
    this.#endUnanswered(unanswered.no_prack, 'baton')
  }

  /**
   * Move the caller. The same handoff joins the transfer that runs already.
   * @throws TransferRefused when there is nobody to move, or another transfer runs
   */
  transfer(request: TransferRequest): { transfer: Transfer; joined: boolean } {
    return this.#transfers.start(request)
  }

  /**
   * An attended transfer: the caller is joined with the far end of another call of the agent.
   * @throws TransferRefused as `transfer` does
   */
  join(request: TransferRequest, other: OtherCall | undefined): AcceptedTransfer {
    return this.#transfers.accept(request, other)
  }

  /**
   * Call the running transfer off: the caller stays with the agent.
   * @throws TransferRefused when none runs
   */
  cancelTransfer(): Transfer {
    return this.#transfers.cancel()
  }

  /** End it. A transfer that runs is stopped, and has its outcome first. */
  hangUp(reason: 'hung_up_by_api' | 'shutdown' | 'connection_lost' | 'max_duration'): void {
    this.guard.run(() => {
      if (this.#state === 'setup') {
        this.finish(reason === 'shutdown' ? unanswered.draining : unanswered[reason], 'baton')
      } else {
        this.#end(answered(reason), 'baton')
        this.#transfers.running?.stop({ result: 'failed', reason, then: 'stop' })
      }
    })
  }

  /** A transfer begins: until it is over the caller is on its way, and still with the agent. */
  transferring(): void {
    this.#state = 'transferring'
  }

  /** A transfer came to nothing: the caller is still with the agent. */
  backToAgent(): void {
    this.#state = 'connected'
  }

  /** The destination takes the agent's place. */
  bridge(destination: PartyLeg): void {
    destination.owner = this
    destination.role = 'destination'
    this.#destination = destination
    this.#state = 'bridged'
  }

  destinationParts({ trunk, caller, pinned }: Admitted): DestinationParts {
    const { trunks, stack } = this.#parts

    return { trunk, trunks, caller, pinned, invite: this.invite, own: stack.addresses, isSecure: this.isSecure }
  }

  /** A leg for a destination, on the ladder from its first message. */
  newDestination(uri: string): PartyLeg {
    return this.#newLeg('destination', uri, randomUUID())
  }

  /** A leg, of another call as it may be, is this one's: its messages are on this ladder from now on. */
  adopt(leg: PartyLeg, role: PartyRole): void {
    leg.role = role
    this.#parts.ladders.open(this.ladder, role, leg.callId)
    this.#callIds.push(leg.callId)
  }

  /** The leg goes to another call. */
  forgetLeg(leg: PartyLeg): void {
    this.#callIds = this.#callIds.filter((callId) => callId !== leg.callId)
  }

  request(leg: PartyLeg, request: IncomingRequest): unknown {
    const { method } = request.request
    const peer = this.#peerOf(leg)
    if (method === 'REFER') this.#transfers.refer(leg, request)
    else if (method === 'NOTIFY') this.#transfers.notify(leg, request)
    else if (method === 'SUBSCRIBE') this.#transfers.subscribe(leg, request)
    else if (isRefresh(request.request)) request.respond(200)
    else if (!isRelayed(method)) request.respond(501)
    else if (!peer) request.respond(method === 'UPDATE' ? 491 : 480)
    else if (!peer.up || (method === 'UPDATE' && this.#isCallerAway)) requestWithoutPeer(leg, request)
    else return relayRequest(leg, peer, request)

    return undefined
  }

  reinvite(leg: PartyLeg, invite: IncomingReinvite): unknown {
    const peer = this.#peerOf(leg)
    // The other party is just being replaced; its successor's session comes first.
    if (!peer) invite.respond(491)
    else if (!peer.up || this.#isCallerAway) reinviteWithoutPeer(leg, invite)
    else return relayReinvite(leg, peer, invite)

    return undefined
  }

  ack(leg: PartyLeg, ack: SipRequest): void {
    const party = this.#peerOf(leg)
    if (leg !== this.caller || !this.#lateOffer || !party) return
    this.#lateOffer = false
    party.dialog?.ack(party.describe(sessionOf(ack)))
  }

  ended(leg: PartyLeg, end: SipDialogEnd): void {
    if (end.by === 'peer') this.#byeHeaders = reasonHeaders(end.request)
    const { running } = this.#transfers
    // The agent has asked for the transfer; whether it stays to see it through is its own affair, unless it calls it off.
    if ((running && leg === this.#agent && !byeCancels(end)) || this.#farEnd?.isDetached) return
    this.#end(answered(reasonOfEnd(end)), end.by === 'peer' ? leg.role : 'baton')
    if (leg === this.caller) running?.callerGone(end)
    else running?.stop(cancelled)
  }

  /** The caller hears a destination, or is on hold, while it is being moved. */
  get #isCallerAway(): boolean {
    return this.#transfers.running?.hasCallerAway ?? false
  }

  #peerOf(leg: PartyLeg): PartyLeg | undefined {
    // Whoever is with another call just now is nobody's peer.
    if (this.#farEnd?.isDetached) return undefined
    if (leg !== this.caller) return this.caller

    return this.#destination ?? this.#agent
  }

  #newLeg(role: PartyRole, uri: string, callId: string): PartyLeg {
    this.#parts.ladders.open(this.ladder, role, callId)
    this.#callIds.push(callId)

    const leg = new PartyLeg(role, uri, callId, this)
    leg.keepalive = this.admission.trunk.keepalive

    return leg
  }

  /** The caller's INVITE is over without a 200, though one may have waited for a PRACK, and the agent have been answered. */
  #endUnanswered(termination: Termination, by: EndedBy): void {
    if (this.#state === 'ended') return
    this.answeredAt = undefined
    this.#end(termination, by)
    this.#transfers.running?.callerGone({ by: 'stack', reason: 'refused' })
  }

  /** A call whose transfer still runs ends when that has its outcome. */
  #end(termination: Termination, by: EndedBy): void {
    if (this.#transfers.running) this.#transfers.thenEnd ??= { termination, by }
    else this.finish(termination, by)
  }

  /** The end, once. Whoever is still there gets a BYE, or the final response that is due. */
  finish(termination: Termination, by: EndedBy): void {
    if (this.#state === 'ended') return
    const wasSetup = this.#state === 'setup'
    this.#state = 'ended'
    this.termination = termination
    this.endedBy = by
    const { guard } = this
    const headers = this.#byeHeaders
    guard.run(() => (this.releaseCause = releaseCause(termination, headers)))
    guard.run(() => (this.endedAt = this.#parts.clock.now()))
    if (wasSetup) guard.run(() => this.#setup?.refuse(termination, headers))
    // A late offer that the caller never answered: a 2xx is ACKed all the same before BYE (RFC 3261 13.2.2.4).
    if (this.#lateOffer) guard.run(() => this.#peerOf(this.caller)?.dialog?.ack())
    // A far end that another call has taken over is no longer ours to release.
    const bye = { headers: headers.length > 0 ? headers : termination.byeHeaders }
    for (const leg of this.legs) if (leg.owner === this) guard.run(() => this.#parts.released(leg.bye(bye)))
    this.#release()
    guard.run(() => this.#parts.over(this))
  }

  /** The last resort: an exception ends the call, and whoever is on it is released. */
  #fail(error: unknown): void {
    this.#parts.observer.defect(error, this)
    this.#end(this.#state === 'setup' ? unanswered.internal_error : answered('internal_error'), 'baton')
    this.#transfers.running?.stop(internalError)
  }

  /** Many ended calls are kept for the API, and only to be looked at: what made them is let go. */
  #release(): void {
    this.#setup = undefined
    for (const leg of this.legs) if (leg.owner === this) leg.release()
  }
}

/** Whether an agent asks whom a sips call is to be handed to. */
function consultsSecurely(admission: Admitted | Refused): boolean {
  return !isRefused(admission) && admission.consultation?.parts.isSecure === true
}
