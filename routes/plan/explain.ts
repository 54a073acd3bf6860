/** A dry run of a transfer: the rule that matched, every attempt, and what an operator should know before a caller finds out. */
import { numberKind } from './e164.ts'
import type { CallFacts, TransferRequest } from './facts.ts'
import { headerBytes } from '../project/limits.ts'
import type { PinnedTable } from '../table/pinned.ts'
import { plan, type Plan, type PlanOptions, type Step, type TrunkTraits } from './plan.ts'
import type { Warning } from '../table/render.ts'
import type { Method } from '../project/schema.ts'
import { transportOf } from './uri-transport.ts'
import { parseRoute } from '../project/uri.ts'

/** One message as it would be sent. */
export interface ExplainedMessage {
  handoff: string
  method: Method
  /** One character a byte. */
  text: string
  bytes: number
}

export interface Explanation extends Plan {
  messages: readonly ExplainedMessage[]
  /** Bytes of the rendered headers of each step, `Name: value`. */
  headerBytes: readonly number[]
}

export interface ExplainOptions extends PlanOptions {
  /** The bytes that a step would send by a method: what only the server knows. One character a byte. */
  wire?: (step: Step, method: Method) => string | readonly string[]
}

/** Pure but for `wire`. */
export function explain(
  pinned: PinnedTable,
  request: TransferRequest,
  facts: CallFacts,
  { wire, ...options }: ExplainOptions = {},
): Explanation {
  const planned = plan(pinned, request, facts, options)
  const messages = planned.steps.flatMap((step) =>
    methodsOf(step).flatMap((method) =>
      [wire?.(step, method) ?? []].flat().map((text) => ({ handoff: step.handoff, method, text, bytes: text.length })),
    ),
  )

  return {
    ...planned,
    messages,
    headerBytes: planned.steps.map(({ headers }) => headers.reduce((sum, header) => sum + headerBytes(header), 0)),
    warnings: [
      ...planned.warnings,
      ...planned.steps.flatMap((step) => [...stepWarnings(step, options.trunk)]),
      ...messages.flatMap((message) => [...sizeWarnings(message, planned.steps)]),
    ],
  }
}

/** A REFER that is refused is followed by an INVITE, unless the handoff says otherwise. */
export function methodsOf(step: Step): Method[] {
  return step.method === 'refer' && step.fallback === 'invite' ? ['refer', 'invite'] : [step.method]
}

function* stepWarnings(step: Step, trunk: TrunkTraits | undefined): Generator<Warning> {
  const { handoff, target, number, method, transport, encryption } = step
  const uri = parseRoute(target)
  const user = uri?.user ?? ''
  if (number !== undefined) {
    const kind = numberKind(number)
    if (kind === 'premium' || kind === 'shared_cost') {
      yield { code: 'premium_number', detail: `${number} is a ${kind.replace('_', '-')} number`, handoff }
    } else if (kind !== 'ordinary') {
      yield { code: `${kind}_number`, detail: `${number} is in no numbering plan`, handoff }
    }
  } else if (uri?.kind === 'tel' || /^[\d*#]{1,6}$/.test(user)) {
    yield {
      code: 'short_number',
      detail: `${user} is a short number or an extension: only its own switch knows it`,
      handoff,
    }
  } else if (/^[\d().-]{7,}$/.test(user)) {
    yield { code: 'not_e164', detail: `${user} is not an E.164 number`, handoff }
  }
  if (method === 'refer' && /[?;,]/.test(target)) {
    const detail = `${target} is put in angle brackets, or what follows "?" or ";" would belong to the header`
    yield { code: 'angle_brackets', detail, handoff }
  }
  const secure = transport === 'tls' || uri?.kind === 'sips' || encryption === 'required'
  const transports = [...new Set((trunk?.gateways ?? []).map((gateway) => transportOf(gateway) ?? 'udp'))]
  if (secure && trunk && transports.length > 0 && !transports.includes('tls')) {
    yield { code: 'no_tls', detail: `TLS is wished, but trunk ${trunk.name} has ${transports.join(', ')}`, handoff }
  }
}

// RFC 3261 18.1.1: within 200 bytes of the path's MTU, 1500 as a rule, a request goes over TCP.
const udpLimit = 1300

function* sizeWarnings({ handoff, method, bytes }: ExplainedMessage, steps: readonly Step[]): Generator<Warning> {
  const step = steps.find((one) => one.handoff === handoff)
  const overStream =
    step?.transport === 'tcp' || step?.transport === 'tls' || /;transport=(tcp|tls)/i.test(step?.target ?? '')
  if (bytes <= udpLimit || overStream) return
  const detail = `the ${method.toUpperCase()} has ${bytes} bytes: over UDP it is cut into fragments, which many firewalls drop`
  yield { code: 'fragments', detail, handoff }
}
