import { defined } from '../../base/defined.ts'
import { isoTime } from '../../engine/index.ts'
import { isRefused } from './admission.ts'
import { anchoredLegs, anchoredMedia } from './call-media.ts'
import { diagnoseCall } from './call-diagnosis.ts'
import type { ObservedCall } from './observed-call.ts'
import type { AgentState, CallView, TransferView } from '../legs/views.ts'

/** A snapshot of a call: its facts are copied at once, which is cheap, and its view is made when it is first read. */
export class CallSnapshot {
  readonly #call: ObservedCall
  readonly #state: ObservedCall['state']
  readonly #agent: ObservedCall['agent']
  readonly #destination: ObservedCall['destination']
  readonly #ringingAt: ObservedCall['ringingAt']
  readonly #answeredAt: ObservedCall['answeredAt']
  readonly #endedAt: ObservedCall['endedAt']
  readonly #endedBy: ObservedCall['endedBy']
  readonly #termination: ObservedCall['termination']
  readonly #tried: ObservedCall['tried']
  readonly #states: ObservedCall['states']
  readonly #media: ReturnType<typeof anchoredLegs>
  readonly #transfers: readonly TransferView[]
  #view: CallView | undefined
  #json: string | undefined

  constructor(call: ObservedCall) {
    this.#call = call
    this.#state = call.state
    this.#agent = call.agent
    this.#destination = call.destination
    this.#ringingAt = call.ringingAt
    this.#answeredAt = call.answeredAt
    this.#endedAt = call.endedAt
    this.#endedBy = call.endedBy
    this.#termination = call.termination
    this.#tried = call.tried
    this.#states = call.states
    this.#media = anchoredLegs([call.agent, call.destination])
    this.#transfers = transfersOf(call)
  }

  get view(): CallView {
    return (this.#view ??= this.#make())
  }

  /** The view on one line, for the CDR, the log and the history. */
  get json(): string {
    return (this.#json ??= JSON.stringify(this.view))
  }

  #make(): CallView {
    const call = this.#call
    const agent = this.#agent
    const { admission, consultation } = call
    const { caller } = admission
    const view: CallView = {
      id: call.id,
      project: call.project,
      environment: call.environment,
      version: isRefused(admission) ? 0 : admission.pinned.version,
      ...defined({ release: isRefused(admission) ? undefined : admission.pinned.release }),
      trunk: admission.trunk.name,
      node: call.origin.node,
      source: call.origin.source,
      state: this.#state,
      caller: { uri: caller.uri, number: caller.number, callId: call.caller.callId },
      called: caller.called,
      agent: consultation
        ? { uri: consultation.agent, callId: call.caller.callId }
        : { uri: agent?.uri ?? '', callId: agent?.callId ?? '' },
      startedAt: isoTime(call.startedAt),
      transfers: [...this.#transfers],
    }
    if (hasAny(call.origin.identity)) view.identity = call.origin.identity
    if (caller.name !== '') view.caller.name = caller.name
    if (this.#states.length > 0) view.states = [...this.#states]
    if (call.isRehearsal) view.rehearsal = true
    if (consultation) view.consults = consultation.about
    if (call.recoveredAt !== undefined) view.recoveredAt = isoTime(call.recoveredAt)
    this.#addDestination(view)
    this.#addTimes(view)
    this.#addEnd(view)
    this.#addMedia(view)

    return view
  }

  #addDestination(view: CallView): void {
    const { agentDown, consultation } = this.#call
    const destination = this.#destination
    if (destination) {
      const handoff = consultation?.plan.handoff ?? view.transfers.at(-1)?.attempts.at(-1)?.handoff ?? agentDown
      view.destination = { uri: destination.uri, callId: destination.callId, handoff }
    }
  }

  #addMedia(view: CallView): void {
    if (!this.#media) return
    view.media = anchoredMedia(this.#media)
    if (view.media.problem !== undefined) view.diagnosis ??= view.media.problem
  }

  #addEnd(view: CallView): void {
    const call = this.#call
    const termination = this.#termination
    if (termination) {
      view.result = termination.result
      view.reason = termination.reason
      view.sipStatus = termination.sipStatus
      if (termination.detail !== undefined) view.detail = termination.detail
    }
    if (call.agentDown !== '') {
      view.via = 'agent_down'
      view.agentDown = call.agentDown
    }
    if (this.#tried.length > 0) view.tried = [...this.#tried]
    if (termination && this.#answeredAt === undefined) view.diagnosis = diagnoseCall(view)
    if (this.#endedBy) view.endedBy = this.#endedBy
    if (termination && call.releaseCause) {
      view.endCause = call.releaseCause.cause
      if (call.releaseCause.reason !== undefined) view.endReason = call.releaseCause.reason
    }
  }

  #addTimes(view: CallView): void {
    const answeredAt = this.#answeredAt
    const endedAt = this.#endedAt
    const ringingAt = this.#ringingAt
    if (ringingAt !== undefined) {
      const until = answeredAt ?? endedAt
      view.ringingAt = isoTime(ringingAt)
      if (until !== undefined) view.ringSeconds = Math.round(until - ringingAt) / 1000
    }
    if (answeredAt !== undefined) {
      view.result = 'answered'
      view.answeredAt = isoTime(answeredAt)
    }
    if (endedAt !== undefined) {
      view.endedAt = isoTime(endedAt)
      view.durationSeconds = answeredAt === undefined ? 0 : Math.round(endedAt - answeredAt) / 1000
    }
  }
}

function transfersOf({ pastTransfers, transfers }: ObservedCall): readonly TransferView[] {
  if (transfers.length === 0) return pastTransfers

  return [...pastTransfers, ...transfers.map((transfer) => transfer.view())]
}

/** A call as the API, the events and the CDR show it. */
export function callView(call: ObservedCall): CallView {
  return new CallSnapshot(call).view
}

function hasAny(headers: object): boolean {
  return Object.keys(headers).length > 0
}

/** How many states that an agent's platform has set are kept. */
const maxStates = 20

export function withAgentState(
  states: readonly AgentState[],
  at: string,
  state: string,
  detail: string | undefined,
): readonly AgentState[] {
  return [...states.slice(1 - maxStates), { at, state, ...defined({ detail }) }]
}
