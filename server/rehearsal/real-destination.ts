import type { Trunk } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import { plan, type PinnedTable } from '../../routes/index.ts'
import type { SipStack } from '../sip/stack.ts'
import { inviteTargets } from '../transfer/destination.ts'

/** A destination may take so long to answer OPTIONS. */
const optionsTimeoutMs = 4000

/** The URI that a handoff's route is called by; undefined for a number when the trunk has no gateway, '' for a handoff by BYE. */
export function realTarget(pinned: PinnedTable, handoff: string, trunk: Trunk, now?: number): string | undefined {
  const [step] = plan(pinned, { handoff }, { callId: 'rehearsal' }, { now }).steps
  if (!step || step.method === 'bye') return ''

  return inviteTargets(step.target, trunk, step.numberFormat)[0]
}

/** Asks a destination by OPTIONS whether it takes calls (RFC 3261 11). Resolves with what is wrong, or undefined. */
export async function destinationProblem(
  stack: SipStack,
  clock: Clock,
  target: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (target === undefined) return 'The route is a number, and the trunk has no gateways to call it by.'
  if (target === '') return undefined

  const response = await Promise.race([
    stack.request('OPTIONS', target, { headers: [['Accept', 'application/sdp']] }),
    new Promise<undefined>((resolve) => {
      clock.after(optionsTimeoutMs, () => resolve(undefined))
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    }),
  ])
  if (!response) return `${target} did not answer OPTIONS within ${optionsTimeoutMs / 1000} s.`
  // Any response shows that the destination is up: many PBXs answer OPTIONS with 404 or 405 and take calls.
  if (response.local) return `${target} cannot be reached: ${response.status} ${response.reason}.`
  if (response.status === 503) return `${target} answered OPTIONS with 503 ${response.reason}.`

  return undefined
}
