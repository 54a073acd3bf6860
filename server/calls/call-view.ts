import { defined } from '../../base/defined.ts'
import { isoTime } from '../../engine/index.ts'
import type { AgentState, CallView, TransferView, AnchoredMedia, LegQuality, PartyRole } from '../legs/views.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { MediaSide, MediaStatistics, ReceivedMedia, SilentSides } from '../media/index.ts'
import { isRefused } from './admission.ts'
import { diagnoseCall } from './call-diagnosis.ts'
import type { ObservedCall } from './observed-call.ts'

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
  readonly #recording: ReturnType<ObservedCall['recording']['view']>
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
    this.#recording = call.recording.view()
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
    if (this.#recording) view.recording = this.#recording

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

export const noStates: readonly AgentState[] = []

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

/** What the view of a call needs of the media of its legs, copied at once. */
interface AnchoredLeg {
  role: PartyRole
  reason: string
  statistics: MediaStatistics
  silent: SilentSides
}

/** The anchored legs of a call, the last one last; undefined where MEDIA names no media server. */
export function anchoredLegs(legs: readonly (PartyLeg | undefined)[]): readonly AnchoredLeg[] | undefined {
  const known = legs.flatMap((leg) => (leg?.media ? [{ role: leg.role, media: leg.media }] : []))
  if (known.length === 0) return undefined

  return known.flatMap(({ role, media: { anchor, statistics, silent } }) =>
    anchor ? [{ role, reason: anchor.reason, statistics, silent }] : [],
  )
}

/** How the media of a call goes, and what came from each party. */
function anchoredMedia(legs: readonly AnchoredLeg[]): AnchoredMedia {
  const last = legs.at(-1)
  if (!last) return { anchored: 'none', legs: {} }
  const media: AnchoredMedia = { anchored: 'rtpengine', reason: last.reason, legs: {} }
  for (const { role, statistics } of legs) {
    if (statistics.caller) media.legs.caller = quality(statistics.caller)
    if (statistics.party) media.legs[role] = quality(statistics.party)
  }
  const problem = silence(last)

  return { ...media, ...defined({ problem }) }
}

function silence({ role, silent }: AnchoredLeg): string | undefined {
  const [first, second] = silent
  if (!first) return undefined
  if (second) return `no packet ever came from the caller or the ${role}: do firewalls let RTP through to rtpengine?`

  return `one-way audio: no packet ever came from the ${nameOf(first, role)}: firewall?`
}

function nameOf(side: MediaSide, role: PartyRole): PartyRole {
  return side === 'caller' ? 'caller' : role
}

function quality({ codec, encryption, packets, lost, jitterMs, mos }: ReceivedMedia): LegQuality {
  const loss = packets + lost === 0 ? 0 : Math.round((lost / (packets + lost)) * 10_000) / 10_000
  const jitter = jitterMs === undefined ? undefined : jitterMs / 1000

  return { codec, encryption, packets, loss, ...defined({ jitter, mos }) }
}

/** Resolves when the media servers have let go of the legs of a call, with their last statistics; undefined without any. */
export function mediaClosed(legs: readonly (PartyLeg | undefined)[]): Promise<unknown> | undefined {
  const closing = legs.map((leg) => leg?.media?.closed).filter((each) => each !== undefined)

  return closing.length === 0 ? undefined : Promise.all(closing)
}
