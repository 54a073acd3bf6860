import type { Settings, SipListener, Trunk } from '../../config/index.ts'
import {
  explain,
  handoffProblems,
  type ExplainedMessage,
  type Explanation,
  type Method,
  type PinnedTable,
  type Plan,
  type Warning,
} from '../../routes/index.ts'
import { trunkTraits, traitsOf } from '../legs/trunks.ts'
import type { CallParts } from '../calls/call-parts.ts'
import { explainTransfer, type ExplainedTransfer, type ExplainQuery } from './explained-call.ts'

/** What would become of a transfer, and what is to be said of it. */
export interface ExplainedPlan extends Explanation {
  plan: Plan
  messages: readonly ExplainedMessage[]
}

export interface ExplainerParts {
  settings: Settings
  /** Where Baton listens, now. */
  listeners: () => readonly SipListener[]
  /** What trunks have refused; nothing when left out. */
  memory?: CallParts['memory']
}

/** Tells what a transfer would do: it is made, as every transfer is, without a network. */
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

  /** @throws TransferRefused for what a transfer may not be asked for */
  async explain(wish: ExplainQuery): Promise<ExplainedPlan> {
    const { settings, memory } = this.#parts
    const listeners = this.#parts.listeners()
    const transfer = await explainTransfer(wish, { settings, listeners, memory })
    const messages = transfer.requests.map(({ handoff, method, to, text }): ExplainedMessage => {
      return { handoff, method: method.toLowerCase() as Method, to, text, bytes: text.length }
    })
    const { plan } = transfer
    const explained = explain(plan, {
      trunk: traitsOf(wish.trunk),
      messages,
      problems: ({ handoff }) => this.#problemsOf(handoff, wish, listeners),
    })
    const { warnings } = explained

    return { ...explained, plan, messages, warnings: [...warnings, ...attemptWarnings(transfer, warnings)] }
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

/** Why an attempt sent nothing, where nothing has said so yet; and that a REFER is not sent since one was refused. */
function attemptWarnings({ attempts, requests }: ExplainedTransfer, told: readonly Warning[]): Warning[] {
  return attempts.flatMap(({ handoff, method, reason = '', detail, remembered, evidence }): Warning[] => {
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
      ...(isSilent && !isTold ? [{ code: reason, detail: why, handoff }] : []),
    ]
  })
}
