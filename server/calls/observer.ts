import { defined } from '../../base/defined.ts'
import type { EndedTransfer, Metrics, SetupTimes } from '../../metrics/index.ts'
import type { Routing } from '../../routes/index.ts'
import type { SipRequest } from '../sip/stack.ts'
import type { AttemptRecord } from '../transfer/attempt.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { logLevelOf, type TransferOutcome } from '../transfer/outcome.ts'
import { Batch } from '../batch.ts'
import { Guard } from '../guard.ts'
import { isRefused } from './admission.ts'
import type { CallObserver, ObservedCall } from './observed-call.ts'
import type { AgentAttemptResult } from './call-setup.ts'
import type { CallKeeper } from './call-keeper.ts'
import { CallSnapshot } from './call-view.ts'
import type { KeptCall } from './kept-call.ts'
import type { WrittenCdr, Cdrs } from './cdr.ts'
import { type ProcessLog, LogRateLimiter } from '../log.ts'
import type { Ladder } from './ladders.ts'
import type { BatonEventType, EventContent, Events } from './events.ts'
import { unanswered, type Termination } from '../legs/termination.ts'
import type { CallView, TransferView } from '../legs/views.ts'

/** A call whose CDR and log line are not written yet. */
interface UnwrittenCall {
  level: Termination['level']
  moment: CallSnapshot
}

/** Keeps calls that have ended. */
interface EndedCalls {
  /** @param amends the call was added before, and proof has come after its end */
  add(id: string, ladder: Ladder, moment: CallSnapshot, amends?: boolean): void
}

/** Makes events, metrics, CDRs and log lines of calls: the one place that does. */
export class Observer implements CallObserver {
  readonly #events: Events
  readonly #metrics: Metrics
  readonly #cdrs: Cdrs
  readonly #history: EndedCalls | undefined
  readonly #keeper: CallKeeper | undefined
  readonly #ended = new Batch<UnwrittenCall>((ended) => {
    this.#write(ended)
  })
  readonly #log: ProcessLog
  readonly #routing: Pick<Routing, 'transferEnded'>
  readonly #guard = new Guard((error) => {
    this.#metrics.exception('record')
    this.#log.error('a CDR or the log line of an ended call is lost', { error })
  })
  readonly #logLimiter = new LogRateLimiter(10_000)

  constructor(parts: {
    events: Events
    metrics: Metrics
    cdrs: Cdrs
    history?: EndedCalls | undefined
    /** Left out where no process takes the calls up. */
    keeper?: CallKeeper | undefined
    log: ProcessLog
    routing: Pick<Routing, 'transferEnded'>
  }) {
    this.#events = parts.events
    this.#metrics = parts.metrics
    this.#cdrs = parts.cdrs
    this.#history = parts.history
    this.#keeper = parts.keeper
    this.#log = parts.log
    this.#routing = parts.routing
  }

  started(call: ObservedCall): void {
    const { admission } = call
    if (isRefused(admission)) {
      const { reason } = admission.refusal
      if (reason === 'unknown_number' || reason === 'no_version') this.#metrics.routeLookup(reason)
    }
    this.#emit('call.started', call)
  }

  answered(call: ObservedCall): void {
    this.#keeper?.changed(call)
    this.#emit('call.answered', call)
  }

  callerWaits(call: ObservedCall): void {
    this.#keeper?.changed(call)
  }

  changed(call: ObservedCall): void {
    if (call.answeredAt !== undefined) this.#keeper?.changed(call)
  }

  recovered({ id, project, environment }: KeptCall, call: ObservedCall | undefined): void {
    this.#metrics.callRecovered(call ? 'recovered' : 'failed')
    if (call) this.changed(call)
    else this.#log.error('a call of the process before cannot be taken up', { callId: id, project, environment })
  }

  agentTried({ project, environment }: ObservedCall, result: AgentAttemptResult, reason: string): void {
    this.#metrics.agentAttempt({ project, environment, result, reason })
  }

  ended(call: ObservedCall): void {
    const { termination, project, environment } = call
    if (!termination) return
    const { result, reason, sipStatus } = termination
    if (reason === 'lost_in_restart') this.#metrics.callRecovered('lost')
    const isAgentDown = call.agentDown !== ''
    this.#metrics.callEnded({ project, environment, result, reason, sipStatus, isAgentDown }, setupTimes(call))
    const moment = new CallSnapshot(call)
    this.#ended.add({ level: termination.level, moment })
    this.#keeper?.ended(call, moment)
    this.#history?.add(call.id, call.legs.ladder, moment)
    this.#events.emit('call.ended', () => eventOf(moment.view))
  }

  /** Writes the CDRs and log lines that are pending. */
  flush(): void {
    this.#ended.flush()
  }

  transferRequested(call: ObservedCall, transfer: Transfer): void {
    this.changed(call)
    // An attended transfer looks up no handoff: its destination is on the other call.
    if (!transfer.request.replaces) this.#metrics.routeLookup(transfer.plan.matched)
    for (const warning of transfer.plan.warnings) {
      this.#log.warn(warning.detail, { callId: call.id, transferId: transfer.id, code: warning.code })
      if (warning.code === 'unknown_variable') this.#metrics.unknownVariables(call.project, call.environment)
    }
    this.#emit('transfer.requested', call, transfer)
  }

  stateSet(call: ObservedCall): void {
    this.changed(call)
    this.#emit('call.state', call)
  }

  recordingChanged(call: ObservedCall): void {
    this.changed(call)
    if (call.termination === undefined) this.#emit('call.recording', call)
  }

  transferProgress(call: ObservedCall, transfer: Transfer): void {
    this.changed(call)
    this.#emit('transfer.progress', call, transfer)
  }

  attemptEnded(call: ObservedCall, record: AttemptRecord, { result, code }: TransferOutcome): void {
    // A step that is passed over attempts nothing.
    if (record.step.passedOver) return
    this.#metrics.transferAttempt({
      project: call.project,
      environment: call.environment,
      handoff: record.step.handoff,
      method: record.method,
      result,
      ...defined({ code }),
    })
  }

  transferEnded(call: ObservedCall, transfer: Transfer): void {
    const { outcome } = transfer
    if (!outcome) return
    this.changed(call)
    this.#metrics.transferEnded(labelsOf(call, transfer, outcome), transfer.seconds)
    this.#noteOutcome('transfer ended', call, transfer, outcome)
    this.#emit('transfer.ended', call, transfer)
  }

  transferAmended(call: ObservedCall, transfer: Transfer, was: TransferOutcome): void {
    const { outcome } = transfer
    if (!outcome) return
    this.#metrics.transferAmended(labelsOf(call, transfer, outcome), was)
    this.#noteOutcome('transfer amended', call, transfer, outcome)
    this.#emit('transfer.amended', call, transfer)
    if (!call.termination) return
    // The CDR of the call is written or pending: another line replaces it.
    this.#ended.flush()
    const moment = new CallSnapshot(call)
    this.#cdrs.write([recordOf(moment)])
    this.#history?.add(call.id, call.legs.ladder, moment, true)
  }

  /** Writes an outcome to the log, and counts it for canaries. */
  #noteOutcome(message: string, call: ObservedCall, transfer: Transfer, outcome: TransferOutcome): void {
    const { result, reason } = outcome
    const { project, environment, admission } = call
    this.#log.log(logLevelOf(outcome), message, { callId: call.id, project, environment, ...transfer.view() })
    // An abandoned or unknown transfer says nothing about the table, nor does a switch, nor the destination of a rehearsal.
    if (reason === 'closed_by_switch') return
    if (isRefused(admission) || call.isRehearsal || (result !== 'succeeded' && result !== 'failed')) return
    this.#routing.transferEnded(project, environment, admission.pinned.version, result)
  }

  failedBeforeCall(): void {
    this.#metrics.callEnded(unanswered.internal_error)
  }

  refusedSource(
    { source: { address, transport } }: SipRequest,
    termination: Pick<Termination, 'result' | 'reason' | 'sipStatus'>,
    blocked: number,
  ): void {
    this.#metrics.callEnded(termination)
    this.#logLimiter.log('an unknown source', (times) => {
      this.#log.warn('an INVITE of a source that no trunk has was refused', { address, transport, times })
    })
    if (blocked === 0) return
    this.#logLimiter.log('a blocked source', (times) => {
      this.#log.warn('a source that no trunk has is not answered for a while', { address, seconds: blocked, times })
    })
  }

  defect(error: unknown, call?: ObservedCall, transfer?: Transfer): void {
    const { project, environment } = call ?? {}
    const [place, what] = placeOf(call, transfer)
    this.#metrics.exception(place)
    this.#log.error(`an exception ended ${what}`, {
      ...{ callId: call?.id, transferId: transfer?.id, project, environment, error },
    })
  }

  credentialsRefused(trunk: string, { method, source }: SipRequest): void {
    this.#logLimiter.log(`credentials of ${trunk}`, (times) => {
      const { address, transport } = source
      this.#log.warn('credentials were refused', { trunk, method, address, transport, times })
    })
  }

  /** A call whose view cannot be made costs no other call its CDR. */
  #write(ended: readonly UnwrittenCall[]): void {
    const records: WrittenCdr[] = []
    for (const { level, moment } of ended) {
      this.#guard.run(() => {
        const { view } = moment
        const record = recordOf(moment)
        records.push(record)
        this.#logEnd(level, view, record.json)
      })
    }
    this.#guard.run(() => this.#cdrs.write(records))
  }

  #logEnd(level: Termination['level'], view: CallView, json: string): void {
    const { endedAt, transfers } = view
    const message = 'call ended'
    if (this.#log.writeJson && endedAt !== undefined && transfers.length === 0) {
      this.#log.writeJson({ level, message, timestamp: endedAt, fields: json })
      return
    }
    this.#log.log({ ...view, level, message, timestamp: endedAt, transfers: transfers.map(({ id }) => id) })
  }

  #emit(type: BatonEventType, call: ObservedCall, transfer?: Transfer): void {
    const moment = new CallSnapshot(call)
    const shown = transfer?.view()
    this.#events.emit(type, () => eventOf(moment.view, shown))
  }
}

const recordOf = ({ view: { endedAt }, json }: CallSnapshot): WrittenCdr => ({ endedAt, json })

function placeOf(call: object | undefined, transfer: object | undefined) {
  if (transfer) return ['transfer', 'a transfer'] as const

  return call ? (['call', 'a call'] as const) : (['request', 'a request outside calls'] as const)
}

function setupTimes({ startedAt, ringingAt, answeredAt, endedAt }: ObservedCall): SetupTimes {
  const seconds = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? undefined : (to - from) / 1000

  return {
    setup: seconds(startedAt, answeredAt),
    ringingAfter: seconds(startedAt, ringingAt),
    ring: seconds(ringingAt, answeredAt ?? endedAt),
  }
}

function labelsOf(call: ObservedCall, transfer: Transfer, { result, reason }: TransferOutcome): EndedTransfer {
  const { project, environment, admission } = call
  const version = isRefused(admission) ? undefined : admission.pinned.version
  const { plan, method } = transfer

  return {
    ...{ project, environment, handoff: plan.handoff, method, result, reason },
    ...{ trunk: admission.trunk.name, version },
  }
}

function eventOf(call: CallView, transfer?: TransferView): EventContent {
  const event: EventContent = { project: call.project, environment: call.environment, callId: call.id, data: { call } }
  if (transfer) {
    event.transferId = transfer.id
    event.data.transfer = transfer
  }

  return event
}
