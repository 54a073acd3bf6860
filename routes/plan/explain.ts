/** Warnings about a plan that an operator should read before a call meets it. Pure. */
import { numberWarning } from '../schema/e164.ts'
import type { HandoffProblem } from './handoff-problems.ts'
import { headerBytes, type PlanWarning } from '../table/render.ts'
import type { Plan, Step, TrunkTraits } from './plan.ts'
import type { Method } from '../schema/project-file.ts'
import { transportOf, parseRoute } from '../schema/uri.ts'

/** One SIP message of the plan, as it would be sent. */
export interface ExplainedMessage {
  handoff: string
  method: Method
  to: 'caller' | 'destination'
  /** Latin-1: one character for each byte. */
  text: string
  bytes: number
}

export interface Explanation {
  /** Bytes of the rendered headers of each step, `Name: value`. */
  headerBytes: readonly number[]
  warnings: readonly PlanWarning[]
}

/** The known facts about the trunk and the messages of a plan. */
export interface ExplainOptions {
  /** The trunk that the caller comes in by. */
  trunk?: TrunkTraits | undefined
  /** The problems that stop a step in every call. */
  problems?: (step: Step) => readonly HandoffProblem[]
  messages?: readonly ExplainedMessage[]
}

/** The warnings of a plan: those that planning gave, then those about numbers, transports and sizes. */
export function explain(planned: Plan, { trunk, problems, messages = [] }: ExplainOptions = {}): Explanation {
  return {
    headerBytes: planned.steps.map(({ headers }) => headers.reduce((sum, header) => sum + headerBytes(header), 0)),
    warnings: [
      ...planned.warnings,
      ...planned.steps
        .filter(isTried)
        .flatMap((step) => [...stepWarnings(step, trunk), ...problemWarnings(step, problems?.(step) ?? [])]),
      ...messages.flatMap((message) => [...sizeWarnings(message)]),
    ],
  }
}

function isTried({ passedOver }: Step): boolean {
  return passedOver === undefined
}

/** A problem that REFER and INVITE have in common becomes one warning. */
function problemWarnings({ handoff }: Step, problems: readonly HandoffProblem[]): PlanWarning[] {
  const told = new Map(problems.map(({ code, detail }) => [`${code} ${detail}`, { code, detail, handoff }]))

  return [...told.values()]
}

function* stepWarnings(step: Step, trunk: TrunkTraits | undefined): Generator<PlanWarning> {
  const warnings = [resolverOf(step), numberOf(step), referOf(step, trunk), ...securityOf(step, trunk)]
  for (const warning of warnings) if (warning) yield { ...warning, handoff: step.handoff }
}

function resolverOf({ resolver }: Step): PlanWarning | undefined {
  if (!resolver) return undefined
  const { origin } = new URL(resolver.url)
  const detail = `the route and headers are decided at the moment by the resolver at ${origin}; shown are those of the table, for when it fails`

  return { code: 'resolver', detail }
}

function numberOf({ target, number }: Step): PlanWarning | undefined {
  if (number !== undefined) return numberWarning(number)
  const uri = parseRoute(target)
  const user = uri?.user ?? ''
  if (uri?.kind === 'tel' || /^[\d*#]{1,6}$/.test(user)) {
    const detail = `${user} is a short number or an extension: only its own switch knows it`

    return { code: 'short_number', detail }
  }

  return /^[\d().-]{7,}$/.test(user) ? { code: 'not_e164', detail: `${user} is not an E.164 number` } : undefined
}

function referOf({ method, target, fallback }: Step, trunk: TrunkTraits | undefined): PlanWarning | undefined {
  if (method !== 'refer') return undefined
  if (trunk?.refer === false && fallback === 'invite') {
    const detail = `trunk ${trunk.name} takes no REFER (refer: false): its callers are bridged at once`

    return { code: 'refer_off', detail }
  }
  if (!/[?;,]/.test(target)) return undefined
  const detail = `${target} is put in angle brackets, or what follows "?" or ";" would belong to the header`

  return { code: 'angle_brackets', detail }
}

function* securityOf({ target, transport, encryption }: Step, trunk: TrunkTraits | undefined): Generator<PlanWarning> {
  if (encryption === 'required') {
    const detail = 'callers whose session is not SRTP are not put through (encryption: required)'
    yield { code: 'srtp_required', detail }
  }
  const isSecure = transport === 'tls' || encryption === 'required' || parseRoute(target)?.kind === 'sips'
  const transports = [...new Set((trunk?.gateways ?? []).map((gateway) => transportOf(gateway) ?? 'udp'))]
  if (isSecure && trunk && transports.length > 0 && !transports.includes('tls')) {
    yield { code: 'no_tls', detail: `TLS is wished, but trunk ${trunk.name} has ${transports.join(', ')}` }
  }
}

// RFC 3261 18.1.1: a request within 200 bytes of the path MTU goes over TCP; the usual MTU is 1500.
const maxDatagramBytes = 1300

function* sizeWarnings({ handoff, method, text, bytes }: ExplainedMessage): Generator<PlanWarning> {
  if (bytes <= maxDatagramBytes || !/^Via: SIP\/2\.0\/UDP /m.test(text)) return
  const detail = `the ${method.toUpperCase()} has ${bytes} bytes: over UDP it is cut into fragments, which many firewalls drop`
  yield { code: 'fragments', detail, handoff }
}
