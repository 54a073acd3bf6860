import type { HeadersToSend, IncomingInvite, SipRequest, SipResponse } from '../sip/stack.ts'
import { sessionOf } from '../media/session-body.ts'
import type { Admitted } from './admission.ts'
import { agentRefusalOf } from './agent-refusals.ts'
import { agentCandidates, agentDownCandidates } from './candidates.ts'
import type { Call } from './call.ts'
import { supportsReplaces } from '../legs/headers.ts'
import type { CallParts } from './call-parts.ts'
import { consultedCandidates, type Consultation } from './consultation.ts'
import { Hunt, type HuntEvents, type HuntOptions } from './hunt.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { sessionFor } from '../legs/relay.ts'
import { extensionHeaders } from '../legs/headers.ts'
import { multipartBodyOf } from '../legs/headers.ts'
import { unanswered, type Termination } from '../legs/termination.ts'

/** Whom a call looks for, and what becomes of it when nobody is found. */
type Search = Pick<HuntOptions, 'candidates' | 'newLeg' | 'anotherMayAnswer'> & Pick<HuntEvents, 'exhausted'>

/** The caller's INVITE until its final response: who is rung for it, and what the caller hears meanwhile. */
export class CallSetup {
  readonly #call: Call
  readonly #parts: CallParts
  readonly #invite: IncomingInvite
  #hunt: Hunt | undefined
  /** Whether an INVITE has gone out to any party. */
  #hasCalled = false

  constructor(call: Call, parts: CallParts, invite: IncomingInvite) {
    this.#call = call
    this.#parts = parts
    this.#invite = invite
    invite.onCancel = (cancel) => {
      call.guard.run(() => call.cancelled(cancel))
    }
    invite.onUnacknowledged = () => {
      call.guard.run(() => call.unacknowledged())
    }
  }

  get request(): SipRequest {
    return this.#invite.request
  }

  /** Rings the agents, or whom an agent wants to ask. @param agents what a rehearsal has instead of the table's */
  ring(admitted: Admitted, agents: readonly string[] = admitted.pinned.agents): void {
    if (admitted.consultation) this.#ringConsulted(admitted.consultation)
    else this.#ringAgents(admitted, agents)
  }

  /** The caller gets a 200 with the session of whoever has answered. */
  accept(response: SipResponse): void {
    const { caller } = this.#call
    const { body } = caller.describe(sessionOf(response))
    const { trunk } = this.#call.admission
    const credentials = this.#parts.trunks.credentialsOn(trunk)
    const received = extensionHeaders(response)
    const headers = this.#call.consultation ? [...received, supportsReplaces] : received
    caller.dialog = this.#invite.accept({ headers, body, credentials }, caller)
  }

  /** Nobody is rung any more, and the caller gets its final response: a bare 500 where that one cannot be sent. */
  refuse({ sipStatus, headers }: Termination, reasons: HeadersToSend): void {
    const { guard } = this.#call
    guard.run(
      () => this.#hunt?.cancel({ headers: reasons }),
      () => this.#hunt?.cancel(),
    )
    guard.run(
      () => this.#invite.reject(sipStatus, { headers }),
      () => this.#invite.reject(500),
    )
  }

  #ringConsulted(consultation: Consultation): void {
    const call = this.#call
    this.#ring({
      candidates: consultedCandidates(consultation, call.isSecure),
      newLeg: ({ uri }) => this.#leg('destination', uri),
      anotherMayAnswer: () => true,
      exhausted: () => {
        this.#unreached(unanswered.not_reached)
      },
    })
  }

  #ringAgents(admitted: Admitted, agents: readonly string[]): void {
    const call = this.#call
    const { settings, stack } = this.#parts
    this.#ring({
      candidates: agentCandidates(agents, this.request, call.id, admitted, settings.agentTimeout, {
        own: stack.addresses,
        isSecure: call.isSecure,
      }),
      newLeg: ({ uri }) => this.#leg('agent', uri),
      anotherMayAnswer: (status) => agentRefusalOf(status).then !== 'refuse',
      exhausted: () => {
        this.#ringInstead(admitted)
      },
    })
  }

  // No agent: the project may name a handoff for callers that would otherwise get 503.
  #ringInstead(admitted: Admitted): void {
    const call = this.#call
    this.#ring({
      candidates: agentDownCandidates(call.destinationParts(admitted), call.id, admitted),
      newLeg: ({ uri, handoff = '' }) => {
        call.handoffInstead = handoff

        return this.#leg('destination', uri)
      },
      anotherMayAnswer: () => true,
      exhausted: () => {
        this.#unreached(unanswered.no_agent)
      },
    })
  }

  #leg(role: 'agent' | 'destination', uri: string): PartyLeg {
    this.#hasCalled = true

    return this.#call.createPartyLeg(role, uri)
  }

  /** No party is left. Where none of them could be called for a sips call, the caller is told so. */
  #unreached(termination: Termination): void {
    const call = this.#call
    const end = call.isSecure && !this.#hasCalled ? unanswered.not_secure : termination
    const detail = call.tried.map(({ uri, what }) => `${uri}: ${what}`).join('; ')
    call.finish(detail === '' ? end : { ...end, detail }, 'baton')
  }

  #ring({ candidates, newLeg, anotherMayAnswer, exhausted }: Search): void {
    const call = this.#call
    const { stack, clock } = this.#parts
    const offer = call.caller.remoteSdp
    const wrapped = multipartBodyOf(this.request)
    this.#hunt = new Hunt(
      { stack, clock, candidates, offer, wrapped, newLeg, anotherMayAnswer },
      {
        progress: (response) => {
          this.#progress(response)
        },
        answered: (response, leg) => {
          call.answered(response, leg)
        },
        unusable: (leg) => {
          leg.dialog?.ack()
          call.guard.run(() => leg.bye())
        },
        refused: (response) => {
          call.refused(response)
        },
        failed: (uri, what) => {
          call.noteTried(uri, what)
        },
        exhausted,
      },
    )
    this.#hunt.start()
  }

  #progress(response: SipResponse): void {
    this.#call.ringingAt ??= this.#parts.clock.now()
    const { body, headers = [] } = sessionFor(this.#call.caller, response)
    this.#invite.progress(response.status, {
      reason: response.reason,
      body,
      headers: [...headers, ...extensionHeaders(response)],
    })
  }
}
