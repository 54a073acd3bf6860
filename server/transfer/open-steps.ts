import type { Plan, Step } from '../../routes/index.ts'
import type { AttemptContext } from './attempt.ts'

type Surroundings = Pick<AttemptContext, 'targets' | 'trunk' | 'destination'>

/** The URIs that a REFER of this step may name, in their order: those of a number's gateways, or its route. */
export function referredUris({ referUri, target, otherReferUris = [] }: Step): readonly string[] {
  return [typeof referUri === 'string' ? referUri : target, ...otherReferUris]
}

/** Whether a later step of the plan may be tried in the place of this one, whose targets are down. */
export function hasOpenAlternative({ steps }: Plan, { handoff }: Step, context: Surroundings): boolean {
  const at = steps.findIndex((step) => step.handoff === handoff)

  return steps.slice(at + 1).some((step) => isOpen(step, context))
}

/** A REFER or BYE goes to the caller's side; of a REFER, the host that it names may be known to be down. */
function isOpen(step: Step, { targets, trunk, destination }: Surroundings): boolean {
  if (step.method === 'bye') return true
  const uris = step.method === 'refer' && trunk.refer ? referredUris(step) : destination(step).targets

  return uris.some((uri) => !targets?.closed(uri))
}
