/** What an operator should know of a plan before a caller finds out. Pure. */
import { numberKind } from '../schema/e164.ts'
import type { HandoffProblem } from './handoff-problems.ts'
import { headerBytes, type Warning } from '../table/render.ts'
import type { Plan, Step, TrunkTraits } from './plan.ts'
import type { Method } from '../schema/project-file.ts'
import { transportOf, parseRoute } from '../schema/uri.ts'

/** One message as it would be sent. */
export interface ExplainedMessage {
  handoff: string
  method: Method
  to: 'caller' | 'destination'
  /** One character a byte. */
  text: string
  bytes: number
}

export interface Explanation {
  /** Bytes of the rendered headers of each step, `Name: value`. */
  headerBytes: readonly number[]
  warnings: readonly Warning[]
}

/** What is known of the place of a plan. */
export interface ExplainOptions {
  /** The trunk that the caller comes in by. */
  trunk?: TrunkTraits | undefined
  /** What would stop a step, always. */
  problems?: (step: Step) => readonly HandoffProblem[]
  messages?: readonly ExplainedMessage[]
}

/** The warnings of a plan: its own first, then those of an engineer who reads it. */
export function explain(planned: Plan, { trunk, problems, messages = [] }: ExplainOptions = {}): Explanation {
  return {
    headerBytes: planned.steps.map(({ headers }) => headers.reduce((sum, header) => sum + headerBytes(header), 0)),
    warnings: [
      ...planned.warnings,
      ...planned.steps.flatMap((step) => [
        ...stepWarnings(step, trunk),
        ...problemWarnings(step, problems?.(step) ?? []),
      ]),
      ...messages.flatMap((message) => [...sizeWarnings(message)]),
    ],
  }
}

/** A problem that REFER and INVITE have in common is told once. */
function problemWarnings({ handoff }: Step, problems: readonly HandoffProblem[]): Warning[] {
  const told = new Map(problems.map(({ code, detail }) => [`${code} ${detail}`, { code, detail, handoff }]))

  return [...told.values()]
}

function* stepWarnings(step: Step, trunk: TrunkTraits | undefined): Generator<Warning> {
  const { handoff, target, number, method, fallback, transport, encryption } = step
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
  if (method === 'refer' && trunk?.refer === false && fallback === 'invite') {
    const detail = `trunk ${trunk.name} takes no REFER (refer: false): its callers are bridged at once`
    yield { code: 'refer_off', detail, handoff }
  } else if (method === 'refer' && /[?;,]/.test(target)) {
    const detail = `${target} is put in angle brackets, or what follows "?" or ";" would belong to the header`
    yield { code: 'angle_brackets', detail, handoff }
  }
  if (encryption === 'required') {
    const detail = 'callers whose session is not SRTP are not put through (encryption: required)'
    yield { code: 'srtp_required', detail, handoff }
  }
  const secure = transport === 'tls' || uri?.kind === 'sips' || encryption === 'required'
  const transports = [...new Set((trunk?.gateways ?? []).map((gateway) => transportOf(gateway) ?? 'udp'))]
  if (secure && trunk && transports.length > 0 && !transports.includes('tls')) {
    yield { code: 'no_tls', detail: `TLS is wished, but trunk ${trunk.name} has ${transports.join(', ')}`, handoff }
  }
}

// RFC 3261 18.1.1: within 200 bytes of the path's MTU, 1500 as a rule, a request goes over TCP.
const maxDatagramBytes = 1300

function* sizeWarnings({ handoff, method, text, bytes }: ExplainedMessage): Generator<Warning> {
  if (bytes <= maxDatagramBytes || !/^Via: SIP\/2\.0\/UDP /m.test(text)) return
  const detail = `the ${method.toUpperCase()} has ${bytes} bytes: over UDP it is cut into fragments, which many firewalls drop`
  yield { code: 'fragments', detail, handoff }
}
