import { isoTime } from '../../engine/index.ts'
import { isRefused } from './admission.ts'
import { diagnoseCall } from './call-diagnosis.ts'
import type { CallRecord } from './call-record.ts'
import type { CallView, TransferView } from '../legs/views.ts'

const none: readonly TransferView[] = []

/** A call as it is at one moment. It costs next to nothing; what the API, the events and the CDR show is made when asked for. */
export class CallMoment {
  readonly #call: CallRecord
  readonly #state: CallRecord['state']
  readonly #agent: CallRecord['agent']
  readonly #destination: CallRecord['destination']
  readonly #ringingAt: CallRecord['ringingAt']
  readonly #answeredAt: CallRecord['answeredAt']
  readonly #endedAt: CallRecord['endedAt']
  readonly #endedBy: CallRecord['endedBy']
  readonly #termination: CallRecord['termination']
  readonly #tried: CallRecord['tried']
  readonly #transfers: readonly TransferView[]
  #view: CallView | undefined

  constructor(call: CallRecord) {
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
    this.#transfers = call.transfers.length === 0 ? none : call.transfers.map((transfer) => transfer.view())
  }

  get view(): CallView {
    return (this.#view ??= this.#make())
  }

  #make(): CallView {
    const call = this.#call
    const agent = this.#agent
    const destination = this.#destination
    const termination = this.#termination
    const answeredAt = this.#answeredAt
    const { admission, consultation } = call
    const { caller } = admission
    const view: CallView = {
      id: call.id,
      project: call.project,
      environment: call.environment,
      version: isRefused(admission) ? 0 : admission.pinned.version,
      ...(!isRefused(admission) && { release: admission.pinned.release }),
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
    if (call.isRehearsal) view.rehearsal = true
    if (consultation) view.consults = consultation.about
    if (destination) {
      const handoff = consultation?.plan.handoff ?? view.transfers.at(-1)?.attempts.at(-1)?.handoff ?? call.agentDown
      view.destination = { uri: destination.uri, callId: destination.callId, handoff }
    }
    this.#addTimes(view)
    if (termination) {
      view.result = termination.result
      view.reason = termination.reason
      view.sipStatus = termination.sipStatus
      if (termination.detail !== undefined) view.detail = termination.detail
    }
    if (call.agentDown !== '') view.agentDown = call.agentDown
    if (this.#tried.length > 0) view.tried = [...this.#tried]
    if (termination && answeredAt === undefined) view.diagnosis = diagnoseCall(view)
    if (this.#endedBy) view.endedBy = this.#endedBy
    if (termination && call.releaseCause) {
      view.endCause = call.releaseCause.cause
      if (call.releaseCause.reason !== undefined) view.endReason = call.releaseCause.reason
    }

    return view
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

/** A call as the API, the events and the CDR show it. */
export function callView(call: CallRecord): CallView {
  return new CallMoment(call).view
}

function hasAny(headers: object): boolean {
  return Object.keys(headers).length > 0
}
