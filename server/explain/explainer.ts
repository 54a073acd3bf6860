import { defined } from '../../base/defined.ts'
import { sharesInWords } from '../../base/choice.ts'
import type { Settings, SipListener, Trunk } from '../../config/index.ts'
import {
  explain,
  handoffProblems,
  headerLimitsOf,
  type ExplainedMessage,
  type Explanation,
  type HeaderLimits,
  type Method,
  type PinnedTable,
  type Plan,
  type PlanWarning,
} from '../../routes/index.ts'
import type { Limits } from '../limits/index.ts'
import type { TargetHealth } from '../targets/index.ts'
import { trunkTraits, traitsOf } from '../legs/trunks.ts'
import type { CallParts } from '../calls/call-parts.ts'
import { fullWarnings, newCallWarnings, targetWarnings } from './explained-decisions.ts'
import { mediaWarning } from './explained-media.ts'
import { explainTransfer, type ExplainedTransfer, type ExplainQuery } from './explained-call.ts'

/** A transfer as it would run: its plan, its messages and its warnings. */
export interface ExplainedPlan extends Explanation {
  plan: Plan
  messages: readonly ExplainedMessage[]
  /** The INVITE that the agent gets before it asks for the transfer. */
  agentInvite: string
  /** The variables of the call, by name. */
  variables: Readonly<Record<string, string>>
  /** What there is room for, by step: the lower limit of the receiver's profile and of the trunk. */
  headerLimits: readonly HeaderLimits[]
}

export interface ExplainerParts {
  settings: Settings
  /** The listeners of Baton, now. */
  listeners: () => readonly SipListener[]
  /** Refusals of trunks, as remembered; none when left out. */
  memory?: CallParts['memory']
  /** Whether the addresses that calls are sent to are up; taken as up when left out. */
  targets?: TargetHealth
  /** What has room now; all has when left out. */
  limits?: Pick<Limits, 'lacking'>
}

/** Explains a transfer: it is made as every transfer is, without a network. */
export class Explainer {
  readonly #parts: ExplainerParts

  constructor(parts: ExplainerParts) {
    this.#parts = parts
  }

  /** The trunk of that name; the first one without a name. */
  trunkNamed(name?: string): Trunk | undefined {
    const { trunks } = this.#parts.settings

    return name === undefined ? trunks[0] : trunks.find((trunk) => trunk.name === name)
  }

  /** @throws TransferRefused as a transfer throws it */
  async explain(query: ExplainQuery): Promise<ExplainedPlan> {
    const { settings, memory, targets, limits } = this.#parts
    const listeners = this.#parts.listeners()
    const transfer = await explainTransfer(query, { settings, listeners, memory, targets, limits })
    const messages = transfer.requests.map(({ handoff, method, to, text }): ExplainedMessage => {
      return { handoff, method: method.toLowerCase() as Method, to, text, bytes: text.length }
    })
    const { plan } = transfer
    const explained = explain(plan, {
      trunk: traitsOf(query.trunk),
      messages,
      problems: ({ handoff }) => this.#problemsOf(handoff, query, listeners),
    })
    const { warnings } = explained
    const decided = transfer.attempts.map(({ handoff }, at) => ({ handoff, decisions: transfer.decisions.of(at) }))
    const headerLimits = plan.steps.map(({ handoff }) =>
      headerLimitsOf(query.pinned.handoff(handoff)?.profile, query.trunk.headerLimits),
    )

    return {
      ...{ ...explained, plan, messages, headerLimits, variables: transfer.variables },
      agentInvite: transfer.agentInvite,
      warnings: [
        ...warnings,
        ...attemptWarnings(transfer, warnings),
        ...messages.flatMap(({ handoff, text }) => withHandoff(mediaWarning(text), handoff)),
        ...withHandoff(mediaWarning(transfer.agentInvite)),
        ...this.#weightWarnings(plan, query.trunk),
        ...decided.flatMap((attempt, at) => targetWarnings(attempt, decided[at + 1])),
        ...decided.flatMap((attempt, at) => fullWarnings(attempt, decided[at + 1])),
        ...(limits ? newCallWarnings(query.pinned, limits) : []),
        ...this.#agentWarnings(query.pinned),
      ],
    }
  }

  /** Says which share of the calls each gateway gets: the messages are shown for the largest. */
  #weightWarnings({ steps }: Plan, caller: Trunk): PlanWarning[] {
    return steps.flatMap(({ handoff, number, trunk }) => {
      const { name, choices } = this.trunkNamed(trunk ?? caller.name) ?? caller
      const shares = number === undefined || !choices ? '' : sharesInWords(choices)

      return shares === ''
        ? []
        : [{ code: 'by_weight', detail: `trunk ${name} chooses among gateways by weight: ${shares}`, handoff }]
    })
  }

  #agentWarnings({ agents, settings: { agentDown } }: PinnedTable): PlanWarning[] {
    const { targets } = this.#parts
    const down = agents.flatMap((uri) => targets?.closed(uri)?.why ?? [])
    const all = agentDown === undefined ? 'callers find no agent' : `callers get ${agentDown} at once`
    const [open, ...others] = agents.filter((uri) => !targets?.closed(uri))
    const called = others.length > 0 ? `one of ${others.length + 1} others` : open
    const then = called === undefined ? `; with all agents down, ${all}` : `; ${called} would be called`

    return down.map((why) => ({ code: 'target_down', detail: `${why}${then}` }))
  }

  #problemsOf(
    name: string,
    { pinned, trunk }: { pinned: PinnedTable; trunk: Trunk },
    listeners: readonly SipListener[],
  ) {
    const handoff = pinned.handoff(name)
    if (!handoff) return []

    return handoffProblems(handoff, {
      trunk: traitsOf(trunk),
      trunkNamed: (named) => trunkTraits(this.#parts.settings.trunks, named),
      listens: listeners.map(({ transport }) => transport),
    })
  }
}

function withHandoff(warning: Omit<PlanWarning, 'handoff'> | undefined, handoff?: string): PlanWarning[] {
  return warning ? [{ ...warning, ...defined({ handoff }) }] : []
}

/** Warns of attempts that send nothing, unless another warning has said why, and of a remembered refusal of REFER. */
function attemptWarnings({ attempts, requests }: ExplainedTransfer, told: readonly PlanWarning[]): PlanWarning[] {
  return attempts.flatMap(({ handoff, method, reason = '', detail, remembered, evidence }): PlanWarning[] => {
    const isSilent = !requests.some((sent) => sent.handoff === handoff && sent.method.toLowerCase() === method)
    const isTold = told.some((warning) => warning.code === reason && warning.handoff === handoff)
    const why = detail ?? evidence.findLast(({ from }) => from === 'baton')?.what ?? reason

    return [
      ...(remembered
        ? [
            {
              code: 'refer_remembered',
              detail: `bridged at once until ${remembered.until}: ${remembered.what}`,
              handoff,
            },
          ]
        : []),
      ...(isSilent && !isTold && reason !== 'target_down' && reason !== 'overflow'
        ? [{ code: reason, detail: why, handoff }]
        : []),
    ]
  })
}
