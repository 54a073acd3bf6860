import type { Trunk } from '../../config/index.ts'
import {
  adhocPlan,
  adhocProblem,
  plan,
  referTo,
  type CallFacts,
  type PinnedTable,
  type Plan,
  type Step,
  type TrunkTraits,
} from '../../routes/index.ts'
import type { SipAddress } from '../sip/stack.ts'
import { isOurs } from './destination.ts'
import type { OtherCall } from './other-call.ts'
import { TransferRefused } from './transfer-refused.ts'
import type { TransferRequest } from './transfer.ts'

/**
 * The plan for what was asked: a handoff by name, or a number or URI where the project allows that.
 * @throws TransferRefused for a number or URI that may not be asked for
 */
export function planTransfer(
  request: TransferRequest,
  pinned: PinnedTable,
  facts: CallFacts,
  trunk: Trunk,
  own: readonly SipAddress[] = [],
): Plan {
  const options = { trunk: traitsOf(trunk) }
  if (pinned.handoff(request.handoff) || !isRaw(request.handoff)) return plan(pinned, request, facts, options)

  const problem = isOurs(request.handoff, own)
    ? `${request.handoff} leads back to Baton itself`
    : adhocProblem(pinned, request.handoff, trunk.gateways)
  if (problem !== undefined) throw TransferRefused.rawTarget(problem)

  return adhocPlan(pinned, request.handoff, request, facts, options)
}

/** The handoff's name, in plans, metrics and reports, of a caller who is joined with another one. */
export const attendedName = 'attended'

/** The one step of an attended transfer: nobody is called any more, the far end of `other` is there already. */
export function joinPlan({ handoff: requested }: TransferRequest, other: OtherCall | undefined): Plan {
  const handoff = other?.handoff ?? attendedName
  const target = other?.far.uri ?? ''

  return { requested, matched: 'hit', handoff, deadline: 60, steps: [bridgeTo(handoff, target)], warnings: [] }
}

function bridgeTo(handoff: string, target: string): Step {
  return {
    ...{ handoff, target, method: 'invite', fallback: 'none', headersIn: 'request' },
    ...{
      headers: [],
      labels: {},
      callerId: {},
      ringTimeout: 0,
      progressTimeout: undefined,
      notifyTimeout: 0,
      earlyMedia: 'hold',
      redirects: 'refuse',
    },
    ...{ number: undefined, referTo: undefined, trunk: undefined, transport: undefined, encryption: undefined },
  }
}

/** The same plan with another destination in the place of every route: a rehearsal's own. */
export function detour(planned: Plan, target: string): Plan {
  const steps = planned.steps.map((step): Step =>
    step.method === 'bye'
      ? step
      : { ...step, target, referTo: referTo(target, step.headersIn === 'request' ? [] : step.headers) },
  )

  return { ...planned, steps }
}

/** Something to dial rather than a handoff's name. */
export function isRaw(handoff: string): boolean {
  return /^(?:sips?:|tel:)/i.test(handoff) || /^\+?[\d().\- ]{3,}$/.test(handoff)
}

/** What a plan must know of the trunk of that name; of the first one without a name. */
export function trunkTraits(trunks: readonly Trunk[], name?: string): TrunkTraits | undefined {
  const trunk = name === undefined ? trunks[0] : trunks.find((one) => one.name === name)

  return trunk && traitsOf(trunk)
}

function traitsOf(trunk: Trunk): TrunkTraits {
  const [gateway = ''] = trunk.gateways

  return {
    name: trunk.name,
    country: trunk.defaultCountry,
    numberFormat: trunk.numberFormat,
    headerLimits: trunk.headerLimits,
    ...(trunk.gateways.length > 0 && { transports: trunk.gateways.map(transportOf) }),
    ...(trunk.referTo === 'sip_phone' && { numberHost: gateway.replace(/^sips?:/i, '').split(';', 1)[0] ?? '' }),
  }
}

function transportOf(gateway: string): 'udp' | 'tcp' | 'tls' {
  if (/^sips:|;transport=tls\b/i.test(gateway)) return 'tls'

  return /;transport=tcp\b/i.test(gateway) ? 'tcp' : 'udp'
}
