import type { Routing } from '../../routes/index.ts'
import type { RehearsalRequest } from '../api/index.ts'

/** From where a trial disturbs least to where it disturbs most. */
const environments = ['sandbox', 'pre-release', 'live'] as const

/** What a newcomer would rehearse first, whose destinations need not be there yet: the default handoff of the first project that could take a call. */
export function suggestRehearsal(routing: Routing): RehearsalRequest | undefined {
  for (const { project, environments: known } of routing.projects()) {
    for (const environment of environments) {
      const pinned = routing.current(project, environment)
      const callable = (known[environment]?.numbers ?? []).length > 0
      if (callable && typeof pinned === 'object')
        return { project, environment, handoff: pinned.default.name, destination: 'synthetic' }
    }
  }

  return undefined
}
