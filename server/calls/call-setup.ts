import { defined } from '../../base/defined.ts'
import { Choices } from '../../base/choice.ts'
import { copyText, type Clock, type KeptInvite, momentOf } from '../../engine/index.ts'
import type { PinnedTable, Step, Switches } from '../../routes/index.ts'
import type { CallStack, Guard } from '../guard.ts'
import { extensionHeaders, multipartBodyOf, reasonHeaders, supportsReplaces } from '../legs/headers.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { sessionFor } from '../legs/relay.ts'
import { needsOfProject, RoomSearch, type RoomBook } from '../limits/index.ts'
import type { MediaAnchors } from '../media/index.ts'
import { unanswered, type Termination } from '../legs/termination.ts'
import type { Trunks } from '../legs/trunks.ts'
import type { EndedBy, TriedParty } from '../legs/views.ts'
import { sessionOf } from '../sip/body-part.ts'
import type { HeadersToSend, IncomingInvite, SipRequest, SipResponse } from '../sip/stack.ts'
import type { TransferReason } from '../transfer/outcome.ts'
import type { TargetHealth } from '../targets/index.ts'
import type { DestinationParts } from '../transfer/destination.ts'
import { isRefused, type Admission, type Admitted, type Consultation } from './admission.ts'
import type { CallRecording } from './call-recording.ts'
import { agentRefusalOf, refusedByAgent } from './agent-refusals.ts'
import { agentCandidates, agentDownCandidates, consultedCandidates } from './candidates.ts'
import type { ReservedNumbers } from './reserved-numbers.ts'
import { type ReservedNumber } from './reserved-numbers.ts'
import type { KeptCall } from './kept-call.ts'
import { Hunt, type Candidate, type HuntEvents, type HuntOptions } from './hunt.ts'

/** How many parties that were called in vain are kept: the last ones. */
const maxTried = 8

export interface CallSetupParts {
  readonly id: string
  readonly guard: Guard
  readonly stack: CallStack
  readonly clock: Clock
  readonly trunks: Trunks
  readonly invite: IncomingInvite
  readonly admission: Admission
  readonly caller: PartyLeg
  readonly isSecure: boolean
  readonly targets: TargetHealth | undefined
  /** Seconds for which each agent is called. */
  readonly agentTimeout: number
  readonly random: () => number
  readonly switches: (pinned: PinnedTable) => Switches
  /** Counts the calls of what has a limit; undefined for a rehearsal. */
  readonly limits: RoomBook | undefined
  /** Undefined where MEDIA names no media server. */
  readonly media: MediaAnchors | undefined
  readonly recording: CallRecording
  /** The call's numbers of pools; without it, each handoff is called by the first. */
  readonly numbers: ReservedNumbers | undefined
}

/** A failed set-up: how the call ends. */
export interface SetupFailure {
  readonly termination: Termination
  readonly by: EndedBy
  /** The Reason and `X-` headers of the message that ended it, for the other party. */
  readonly reasons?: HeadersToSend
}

/** The one result of a set-up: a party has answered and the caller was accepted, at that time; or the call ends. */
export type SetupResult = { readonly answeredBy: PartyLeg; readonly at: number } | SetupFailure

export interface CallSetupEvents {
  /** Adds a leg for a party that is being called. @param dialled the number of a pool that it is called by */
  createPartyLeg(role: 'agent' | 'destination', uri: string, dialled?: ReservedNumber): PartyLeg
  /** An agent has been called, and this came of it. */
  agentTried(result: AgentAttemptResult, reason: string): void
  done(result: SetupResult): void
  /** The caller's INVITE has ended without a 200: also after the answer, when the 200 waited for a PRACK (RFC 3262 5). */
  withdrawn(failure: SetupFailure): void
}

/** What came of an INVITE to an agent; `abandoned`: the caller hung up first. */
export type AgentAttemptResult = 'answered' | 'failed' | 'abandoned'

/** Candidates for the caller, and what follows when none of them answers. */
type CandidateSearch = Pick<HuntOptions, 'candidates' | 'newLeg' | 'anotherMayAnswer' | 'isLastChoice'> &
  Pick<HuntEvents, 'exhausted'>

/** Sets up a call: calls parties for the caller's INVITE until one answers, and answers the caller. */
export class CallSetup {
  ringingAt: number | undefined
  agentDown = ''
  tried: readonly TriedParty[] = []
  /** Whether the INVITE has no offer: the caller's ACK brings the answer to the party's offer. */
  readonly isLateOffer: boolean
  readonly #events: CallSetupEvents
  #parts: CallSetupParts | undefined
  #hunt: Hunt | undefined
  /** The room in the project, until the caller's leg keeps it. */
  #room: RoomSearch<Admitted> | undefined
  /** Of the handoffs under `agent_down`, those that were called. */
  #calledHandoffs: readonly string[] = []
  /** The party that has made the offer, until the caller's ACK brings the answer. */
  #answeredBy: PartyLeg | undefined
  /** Whether an INVITE was sent to any party. */
  #hasCalled = false

  constructor(parts: CallSetupParts, events: CallSetupEvents) {
    const { invite, guard } = parts
    this.#parts = parts
    this.#events = events
    this.isLateOffer = parts.caller.remoteSdp === ''
    parts.caller.source = invite.request.source.address
    invite.onCancel = (cancel) => {
      guard.run(() => {
        const reasons = cancel && reasonHeaders(cancel)
        events.withdrawn({ termination: unanswered.cancelled, by: 'caller', ...defined({ reasons }) })
      })
    }
    // RFC 3262 3: the caller has got 504.
    invite.onUnacknowledged = () => {
      guard.run(() => events.withdrawn({ termination: unanswered.no_prack, by: 'baton' }))
    }
  }

  /** The caller's INVITE, until the call has ended. */
  get request(): SipRequest {
    return this.#open.invite.request
  }

  /**
   * Calls the agents, or the destination that an agent consults; a refused call is done at once.
   * @param agents a rehearsal's, in the place of the table's
   */
  start(agents?: readonly string[]): void {
    const { admission } = this.#open
    if (isRefused(admission)) this.#events.done({ termination: admission.refusal, by: 'baton' })
    else if (admission.consultation) this.#callConsulted(admission.consultation)
    else this.#enterProject(admission, agents ? new Choices(agents) : admission.pinned.agentChoices)
  }

  /** The INVITE to the party that rings. */
  keep(): KeptInvite | undefined {
    return this.#hunt?.keep()
  }

  /** Takes up what the process before has kept of a set-up that was done. */
  takeUp({ ringingAt, agentDown = '', tried = [], numbers = [] }: KeptCall, clock: Clock): void {
    if (ringingAt !== undefined) this.ringingAt = momentOf(ringingAt, clock)
    this.agentDown = agentDown
    this.tried = tried
    this.#open.numbers?.takeUp(numbers)
  }

  /** Cancels the INVITE to a party, and rejects the caller's: with a bare 500 where the response cannot be sent. */
  reject({ sipStatus, headers, result, reason }: Termination, reasons: HeadersToSend): void {
    const { guard, invite } = this.#open
    this.#room?.release()
    const calling = this.#hunt?.calling
    if (calling && isAgent(calling)) {
      this.#events.agentTried(result === 'abandoned' ? 'abandoned' : 'failed', reason)
    }
    guard.run(
      () => this.#hunt?.cancel({ headers: reasons }),
      () => this.#hunt?.cancel(),
    )
    guard.run(
      () => invite.reject(sipStatus, { headers }),
      () => invite.reject(500),
    )
  }

  /** The caller's ACK has come: what answered the INVITE is not needed any more. */
  settle(): void {
    this.#parts?.invite.settle?.()
    if (this.isLateOffer && this.#answeredBy) this.#parts?.recording.answeredBy(this.#answeredBy, this.agentDown)
    this.#answeredBy = undefined
  }

  /** Lets go of the INVITE and of everything else that the record of an ended call does not show. */
  release(): void {
    this.#releaseNumbers()
    this.#parts?.recording.close()
    this.#parts = undefined
    this.#hunt = undefined
  }

  /** The facts that decide how destinations of this call are called. */
  destinationParts({ trunk, caller, pinned }: Admitted): DestinationParts {
    const { trunks, stack, isSecure, random } = this.#open

    return { trunk, trunks, caller, pinned, invite: this.request, own: stack.addresses, isSecure, random }
  }

  get #open(): CallSetupParts {
    if (!this.#parts) throw new Error('the call has ended, and its INVITE is not kept')

    return this.#parts
  }

  #callConsulted(consultation: Consultation): void {
    this.#call({
      candidates: consultedCandidates(consultation, this.#open.isSecure),
      isLastChoice: true,
      newLeg: ({ uri }) => this.#newLeg('destination', uri),
      anotherMayAnswer: () => true,
      exhausted: () => {
        this.#failed(unanswered.not_reached)
      },
    })
  }

  /** The caller's leg keeps the room of its project to the end of the call. */
  #enterProject(admitted: Admitted, agents: Choices): void {
    const { limits, caller, guard } = this.#open
    const needs = needsOfProject(admitted.pinned)
    if (!limits || needs.length === 0) {
      this.#callAgents(admitted, agents)

      return
    }
    const room = (this.#room = new RoomSearch(limits, guard, () => needs))
    const enter = (): void => {
      room.keepBy(caller)
      this.#callAgents(admitted, agents)
    }
    if (room.take(admitted)) {
      room.waitForAny({
        queued: () => {
          this.#queued()
        },
        granted: enter,
        overflow: ({ what }) => {
          this.#events.done({ termination: { ...unanswered.overflow, detail: what }, by: 'baton' })
        },
      })
    } else enter()
  }

  /** RFC 3261 21.1.4: the call is queued, and not refused. */
  #queued(): void {
    this.#open.invite.progress(182, { reason: 'Queued' })
  }

  #callAgents(admitted: Admitted, agents: Choices): void {
    const { id, stack, trunks, agentTimeout, isSecure, random } = this.#open
    this.#call({
      candidates: agentCandidates(agents.ordered(random), this.request, id, admitted, {
        ...{ own: stack.addresses, trunks, isSecure, timeout: agentTimeout },
      }),
      isLastChoice: admitted.pinned.settings.agentDown === undefined,
      newLeg: ({ uri }) => this.#newLeg('agent', uri),
      anotherMayAnswer: (status) => agentRefusalOf(status).then !== 'refuse',
      exhausted: () => {
        this.#callAgentDown(admitted)
      },
    })
  }

  /** No agent has answered: the project may name a handoff for callers that would otherwise get 503. */
  #callAgentDown(admitted: Admitted): void {
    this.#call({
      candidates: agentDownCandidates(this.destinationParts(admitted), this.#open.id, admitted, {
        switches: this.#open.switches(admitted.pinned),
        numbered: (step) => this.#numbered(step, admitted),
      }),
      isLastChoice: true,
      newLeg: ({ uri, handoff = '' }) => {
        this.agentDown = handoff
        this.#calledHandoffs = [...this.#calledHandoffs, handoff]

        return this.#newLeg('destination', uri, this.#open.numbers?.of(handoff))
      },
      anotherMayAnswer: () => true,
      exhausted: () => {
        const isFull = this.tried.length > 0 && this.tried.every(({ reason }) => reason === 'overflow')
        this.#failed(isFull ? unanswered.overflow : unanswered.no_agent)
      },
    })
  }

  /** A handoff whose pool has no number left is passed over. */
  #numbered(step: Step, { trunk }: Admitted): Step | undefined {
    const { numbers } = this.#open
    if (!numbers) return step
    const numbered = numbers.reserve(step, trunk)
    const count = step.pool?.numbers.length ?? 0
    if (!numbered) this.#noteTried(step.target, `all ${count} numbers of its pool are reserved`, 'pool_exhausted')

    return numbered
  }

  /** The call has its destination, or none: what was not called is free at once. */
  #releaseNumbers(): void {
    this.#parts?.numbers?.release((handoff) => this.#calledHandoffs.includes(handoff))
  }

  #newLeg(role: 'agent' | 'destination', uri: string, dialled?: ReservedNumber): PartyLeg {
    this.#hasCalled = true

    return this.#events.createPartyLeg(role, uri, dialled)
  }

  #call({ candidates, isLastChoice, newLeg, anotherMayAnswer, exhausted }: CandidateSearch): void {
    const { stack, clock, caller, guard, targets, limits } = this.#open
    const offer = caller.remoteSdp
    const wrapped = multipartBodyOf(this.request)
    this.#hunt = new Hunt(
      {
        ...{ stack, clock, candidates, offer, wrapped, newLeg, targets, isLastChoice, anotherMayAnswer, limits, guard },
        ...{ source: caller.source, isAnchorable: this.#open.media !== undefined },
        anchorReasons: (candidate) => this.#anchorReasons(candidate),
      },
      {
        progress: (response) => {
          this.#progress(response)
        },
        answered: (response, leg) => {
          this.#answered(response, leg)
        },
        unusable: (leg) => {
          leg.dialog?.ack()
          guard.run(() => leg.bye())
        },
        refused: (response) => {
          const reasons = reasonHeaders(response)
          this.#events.done({ termination: refusedByAgent(response), by: 'agent', reasons })
        },
        failed: (candidate, what, reason) => {
          if (isAgent(candidate)) this.#events.agentTried('failed', reason)
          this.#noteTried(candidate.uri, what, reason)
        },
        passedOver: (candidate, why) => {
          this.#noteTried(candidate.uri, `passed over: ${why}`, 'target_down')
        },
        queued: () => {
          this.#queued()
        },
        exhausted,
      },
    )
    this.#hunt.start()
  }

  #anchorReasons({ handoff }: Candidate): ReturnType<HuntOptions['anchorReasons']> {
    const { admission, recording } = this.#open
    if (isRefused(admission) || admission.consultation) return {}
    const { pinned } = admission
    if (handoff === undefined) return { hasHoldMusic: pinned.table.hasHoldMusic, isRecorded: recording.wants() }

    return { isRecorded: recording.wants(pinned.handoff(handoff)?.media) }
  }

  #noteTried(uri: string, what: string, reason: TransferReason): void {
    this.tried = [...this.tried, { uri: copyText(uri), what: copyText(what), reason }].slice(-maxTried)
  }

  #progress(response: SipResponse): void {
    const { caller, clock, invite } = this.#open
    this.ringingAt ??= clock.now()
    const { body, headers = [] } = sessionFor(caller, response)
    invite.progress(response.status, {
      reason: response.reason,
      body,
      headers: [...headers, ...extensionHeaders(response)],
    })
  }

  #answered(response: SipResponse, leg: PartyLeg): void {
    const at = this.#open.clock.now()
    this.#releaseNumbers()
    // RFC 3261 13.2.2.4: with a late offer, the ACK waits for the answer in the caller's ACK.
    if (!this.isLateOffer) leg.dialog?.ack()
    this.#accept(response)
    // A hunt that has ended keeps its candidates and their INVITEs.
    this.#hunt = undefined
    if (leg.role === 'agent') this.#events.agentTried('answered', 'answered')
    this.#events.done({ answeredBy: leg, at })
    if (this.isLateOffer) this.#answeredBy = leg
    else this.#parts?.recording.answeredBy(leg, this.agentDown)
  }

  /** The caller gets 200 with the session of the party that has answered. */
  #accept(response: SipResponse): void {
    const { caller, trunks, admission, invite } = this.#open
    const { body } = caller.describe(sessionOf(response))
    const credentials = trunks.credentialsOn(admission.trunk)
    const received = extensionHeaders(response)
    const isConsultation = !isRefused(admission) && admission.consultation !== undefined
    const headers = isConsultation ? [...received, supportsReplaces] : received
    caller.dialog = invite.accept({ headers, body, credentials }, caller)
  }

  /** No party is left. The caller of a sips call learns it when none of them was secure. */
  #failed(termination: Termination): void {
    const end = this.#open.isSecure && !this.#hasCalled ? unanswered.not_secure : termination
    const detail = this.tried.map(({ uri, what }) => `${uri}: ${what}`).join('; ')
    this.#events.done({ termination: detail === '' ? end : { ...end, detail }, by: 'baton' })
  }
}

/** A destination is called for its handoff. */
function isAgent({ handoff }: Candidate): boolean {
  return handoff === undefined
}
