import { uriOfChoice } from '../../base/choice.ts'
import type { ProjectFile } from '../../routes/index.ts'
import { targetIdOf } from '../targets/index.ts'

/** The parties that a stand-in may play. */
export type StandInRole = 'agent' | 'destination'

/** The loopback addresses that project files name for agents and destinations, as the ids of targets, each with its role. */
export function standInAddresses(projects: readonly ProjectFile[]): Map<string, StandInRole> {
  const found = new Map<string, StandInRole>()
  const add = (uri: string, role: StandInRole): void => {
    const id = targetIdOf(uri)
    if (id !== undefined && /^udp:127\.\d+\.\d+\.\d+:/.test(id) && !found.has(id)) found.set(id, role)
  }
  for (const { environments, table } of projects) {
    for (const environment of Object.values(environments)) {
      for (const agent of environment.agents ?? []) add(uriOfChoice(agent), 'agent')
    }
    for (const { route } of table.handoffs) if (route !== undefined) add(route, 'destination')
  }

  return found
}
