import type { Trunk } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import { plan, type PinnedTable } from '../../routes/index.ts'
import type { SipStack } from '../sip/stack.ts'
import { inviteTargets } from '../transfer/destination.ts'

/** How long a destination may take to answer OPTIONS, in milliseconds. */
const patience = 4000

/** Where a handoff's real route is called; undefined when it is a number and the trunk has no gateway, '' when there is nobody to call. */
export function realTarget(pinned: PinnedTable, handoff: string, trunk: Trunk, now?: number): string | undefined {
  const [step] = plan(pinned, { handoff }, { callId: 'rehearsal' }, { now }).steps
  if (!step || step.method === 'bye') return ''

  return inviteTargets(step.target, trunk, step.numberFormat)[0]
}

/** Asks a destination by OPTIONS whether it is there (RFC 3261 11). Returns why it cannot be called, or undefined. */
export async function answersOptions(
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
      clock.after(patience, () => resolve(undefined))
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    }),
  ])
  if (!response) return `${target} did not answer OPTIONS within ${patience / 1000} s.`
  // Any answer shows that somebody is there; many a PBX answers OPTIONS with 404 or 405 and takes calls all the same.
  if (response.local) return `${target} cannot be reached: ${response.status} ${response.reason}.`
  if (response.status === 503) return `${target} answered OPTIONS with 503 ${response.reason}.`

  return undefined
}
