import { isIP } from 'node:net'
import { defined } from '../../base/defined.ts'
import type { Settings, SipListener, Trunk } from '../../config/index.ts'
import { anyAddress, type Clock, type Transport, UnwiredTransports } from '../../engine/index.ts'
import { noSwitches, variableValues, type PinnedTable, type Plan, type Switches } from '../../routes/index.ts'
import { EmbeddedStack } from '../sip/embedded/index.ts'
import { flowReuse, sourcePolicy } from '../sip/create-stack.ts'
import type { SipAddress } from '../sip/stack.ts'
import { hasContext } from '../transfer/transfer-request.ts'
import { type TransferRequest } from '../transfer/transfer-request.ts'
import type { TargetHealth } from '../targets/index.ts'
import type { Limits } from '../limits/index.ts'
import { newTrunkMemories } from '../transfer/trunk-memory.ts'
import type { Call } from '../calls/call.ts'
import type { CallParts } from '../calls/call-parts.ts'
import type { CallObserver } from '../calls/observed-call.ts'
import { Calls } from '../calls/calls.ts'
import {
  addressOf,
  contactOf,
  explainedInvite,
  sessionOf,
  type ExplainedCaller,
  ExplainedParties,
  type SentRequest,
} from './explained-parties.ts'
import { ExplainedDecisions } from './explained-decisions.ts'
import { explainedMedia } from './explained-media.ts'
import { factsOf } from '../legs/caller.ts'
import { Trunks } from '../legs/trunks.ts'
import type { AttemptView } from '../legs/views.ts'

/** The transfer to explain: its caller, its request and its table. */
export interface ExplainQuery {
  pinned: PinnedTable
  request: Omit<TransferRequest, 'requestedBy' | 'replaces'>
  caller: ExplainedCaller
  /** The trunk that the call comes in by. */
  trunk: Trunk
  /** Milliseconds since the epoch. */
  at: number
  /** The switches of the environment, as the transfer is to see them. */
  switches?: Switches
}

/** The surroundings of an explanation. */
export interface ExplainContext {
  settings: Settings
  /** The listeners of Baton; those of the settings when it does not run. */
  listeners: readonly SipListener[]
  /** Refusals of trunks, as remembered; none when left out. */
  memory?: CallParts['memory'] | undefined
  /** Whether the addresses that calls are sent to are up; taken as up when left out. */
  targets?: TargetHealth | undefined
  /** What has room now; all has when left out. */
  limits?: Pick<Limits, 'lacking'> | undefined
}

/** A request of one attempt. */
interface ExplainedRequest extends SentRequest {
  handoff: string
}

export interface ExplainedTransfer {
  plan: Plan
  requests: readonly ExplainedRequest[]
  attempts: readonly AttemptView[]
  /** What each attempt met before it sent a request. */
  decisions: ExplainedDecisions
  /** The INVITE that the agent gets before it asks for the transfer. */
  agentInvite: string
  /** The variables of the call, by name. */
  variables: Readonly<Record<string, string>>
}

/**
 * Makes the call and the transfer as for every caller, without a network and at one moment: the agent answers, and every request
 * of the transfer is refused, so that each attempt of the plan runs.
 * @throws TransferRefused, as the transfer would be refused; NotCalled when the call would be
 */
export async function explainTransfer(
  query: ExplainQuery,
  { settings, listeners, memory, targets, limits }: ExplainContext,
): Promise<ExplainedTransfer> {
  const { pinned, request, caller, trunk, at, switches } = query
  const clock = stoppedAt(at)
  const trunks = new Trunks(settings.trunks)
  const requests: ExplainedRequest[] = []
  let call: Call | undefined
  const attempts = (): readonly AttemptView[] => call?.transfers.at(-1)?.view().attempts ?? []
  const decisions = new ExplainedDecisions(() => (attempts().length > 0 ? attempts().length - 1 : undefined))
  const parties = new ExplainedParties((sent) => {
    const handoff = attempts().at(-1)?.handoff
    if (handoff === undefined) return
    // The re-INVITE that ends a hold follows a refusal that the explanation has made up.
    const isReferred = requests.some(({ method, handoff: other }) => method === 'REFER' && other === handoff)
    if (!(isReferred && sent.method === 'INVITE' && sent.to === 'caller')) requests.push({ ...sent, handoff })
  })
  const stack = new EmbeddedStack({
    ...settings.sip,
    listen: [...listeners],
    reuse: flowReuse(settings.sip, trunks),
    sources: sourcePolicy(settings, trunks),
    log: { warn: () => undefined, error: () => undefined },
    surroundings: {
      clock,
      dns: anyAddress(listeners),
      transports: (user) => (parties.transports = new UnwiredTransports(user, parties)),
    },
  })
  const { project, environment } = pinned
  const { refer, srtp } = memory ?? newTrunkMemories(clock)
  let over: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (over = resolve))
  let defect: unknown
  const calls = new Calls({
    ...{ stack, clock, settings, media: explainedMedia(settings, clock) },
    targets: decisions.health(targets, pinned.agents),
    contexts: { idFor: exampleContextId, keep: noop, dialled: noop, agentDownDialled: noop, stateSet: noop },
    // The largest weight comes first.
    random: () => 1 - Number.EPSILON,
    memory: { refer: refer.copy(clock), srtp: srtp.copy(clock) },
    routing: {
      findNumber: () => ({ project, environment }),
      current: () => pinned,
      switches: { of: () => switches ?? noSwitches },
    },
    // No request is authenticated, and there is an agent.
    override: () => ({
      now: at,
      ...defined({ limits: limits && decisions.room(limits) }),
      ...defined({ agents: pinned.agents.length === 0 ? ['sip:agent@agent.invalid'] : undefined }),
    }),
    observer: {
      ...silentObserver,
      transferEnded: () => {
        over()
      },
      defect: (error) => (defect ??= error),
    },
  })
  await stack.start(calls)
  try {
    const flow = flowFrom(trunk, parties.transports, listeners)
    const session = sessionOf(caller, flow, requiresSrtp(query) ? 'RTP/SAVP' : 'RTP/AVP')
    parties.caller = { contact: contactOf(caller, flow), session }
    const invite = explainedInvite({ ...caller, session }, pinned, flow, callId)
    const problem = await within(parties.call(invite, callId, flow))
    ;[call] = calls.list()
    if (problem !== undefined || !call) throw new ExplainedCallRefused(problem ?? 'nothing', call?.termination?.detail)
    call.transfer({ ...request, requestedBy: 'api' })
    await within(ended)
    if (defect !== undefined) throw defect as Error
    const transfer = call.transfers.at(-1)
    if (!transfer) throw new Error('there is no transfer')

    const facts = factsOf(call.id, call.invite, call.admission.caller)
    const variables = variableValues(pinned, request, facts, transfer.plan.handoff)

    const { agentInvite } = parties

    return { plan: transfer.plan, requests, attempts: attempts(), decisions, agentInvite, variables }
  } finally {
    await stack.close()
  }
}

/** Whether a handoff of the chain requires SRTP: the explained caller then offers it. */
function requiresSrtp({ pinned, request: { handoff }, at, switches }: ExplainQuery): boolean {
  const name = pinned.handoff(handoff)?.name ?? pinned.default.name

  return pinned
    .chain(name, at, switches)
    .some(({ handoff: { encryption }, passedOver }) => encryption === 'required' && !passedOver)
}

/** How long an explanation may take; a few milliseconds are usual. */
const explainLimitMs = 5000

const callId = '00000000-0000-0000-0000-000000000000'

/** Baton would refuse the call to explain. */
class ExplainedCallRefused extends Error {
  readonly status = 422
  readonly slug = 'call-refused'
  readonly title = 'Such a call is refused'
  readonly detail: string

  constructor(answer: string, why = 'see its from, contact, headers and sdp') {
    super(`a call like this is answered ${answer}: ${why}`)
    this.detail = this.message
  }
}

/** The listeners of the settings, with their actual ports and addresses. */
export function listenersOf(
  { sip, drachtio, drachtioListen }: Settings,
  addresses: readonly SipAddress[],
): SipListener[] {
  if (drachtio || drachtioListen) return addresses.map(listenerAt)

  return sip.listen.map((listener, at) => ({ ...listener, port: listener.port || (addresses[at]?.port ?? 5060) }))
}

/** A listener of a drachtio server, by the address that it advertises. */
function listenerAt({ transport, address, port }: SipAddress): SipListener {
  return {
    transport,
    port,
    address: isIP(address) === 0 ? '0.0.0.0' : address,
    advertised: { host: address, port },
  }
}

function flowFrom(trunk: Trunk, transports: UnwiredTransports | undefined, listeners: readonly SipListener[]) {
  for (const { transport, address: local } of listeners) {
    const address = addressOf(trunk, local.includes(':') ? 6 : 4)
    const flow = address === undefined ? undefined : transports?.flowTo({ transport, address, port: portOf(transport) })
    if (flow) return flow
  }
  throw new ExplainedCallRefused(
    `nothing, since no listener of Baton’s has the IP version of a peer of trunk ${trunk.name}`,
  )
}

function portOf(transport: Transport): number {
  return transport === 'tls' ? 5061 : 5060
}

/** The clock stands still: a transfer that waits for a timer would never end. */
async function within<T>(ended: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('the call that is explained has not come to an end'))
    }, explainLimitMs)
  })
  try {
    return await Promise.race([ended, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A clock that stands still: its timers never fire. */
function stoppedAt(at: number): Clock {
  return { now: () => at, after: () => ({ cancel: () => undefined }) }
}

const noop = (): void => undefined

/** An id of the length that one has, where the transfer would have one. */
function exampleContextId(request: TransferRequest): string | undefined {
  return hasContext(request) ? 'id-of-the-context-here' : undefined
}

const silentObserver: CallObserver = {
  ...{ started: noop, answered: noop, agentTried: noop, ended: noop, transferRequested: noop, transferProgress: noop },
  ...{ attemptEnded: noop, transferEnded: noop, transferAmended: noop, refusedSource: noop, defect: noop },
  ...{
    failedBeforeCall: noop,
    credentialsRefused: noop,
    stateSet: noop,
    recordingChanged: noop,
    changed: noop,
    callerWaits: noop,
    recovered: noop,
  },
}
