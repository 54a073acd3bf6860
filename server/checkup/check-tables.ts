import type { Trunk } from '../../config/index.ts'
import { inviteUris, routeUri, type Handoff, type PinnedTable, type Routing } from '../../routes/index.ts'
import { traitsOf } from '../legs/trunks.ts'
import type { CheckFinding } from './checks.ts'

/** The version of each environment, and whether each trunk can call the numbers of its routes. */
export function checkTables(routing: Pick<Routing, 'projects' | 'current'>, trunks: readonly Trunk[]): CheckFinding[] {
  const projects = routing.projects()
  if (projects.length === 0) {
    const hint = 'npx baton routes import FILE'

    return [{ check: 'routing tables', state: 'warning', detail: 'there is no project', hint }]
  }
  const running = projects.flatMap(({ project, environments }) =>
    Object.keys(environments).flatMap((environment) => {
      const pinned = routing.current(project, environment)

      return pinned && pinned !== 'unknown' ? [pinned] : []
    }),
  )

  return [
    ...projects.flatMap(({ project, environments }) =>
      Object.entries(environments).map(([environment, { version, numbers = [], agents = [] }]) =>
        checkEnvironment(project, environment, version, numbers, agents),
      ),
    ),
    ...trunks.flatMap((trunk) => checkNumberRoutes(trunk, running)),
  ]
}

function checkEnvironment(
  project: string,
  environment: string,
  version: number | undefined,
  numbers: readonly string[],
  agents: readonly string[],
): CheckFinding {
  const check = `${project} ${environment}`
  const promote = `npx baton routes promote ${project} --env ${environment}`
  const lacks = (what: 'number' | 'agent'): CheckFinding => ({
    ...{ check, state: 'warning', detail: `version ${version}, but no ${what}s` },
    hint: `npx baton routes ${what} add … --project ${project} --env ${environment}, then ${promote}`,
  })
  if (version === undefined) {
    return { check, state: 'warning', detail: 'no version is promoted', hint: `${promote} --version N` }
  }
  if (agents.length === 0) return lacks('agent')
  if (numbers.length === 0) return lacks('number')

  return {
    check,
    state: 'ok',
    detail: `version ${version}, ${counted(numbers, 'number')}, ${counted(agents, 'agent')}`,
  }
}

/** Whether a trunk can call the numbers of the handoffs that are called through it. */
function checkNumberRoutes(trunk: Trunk, running: readonly PinnedTable[]): CheckFinding[] {
  const check = `trunk ${trunk.name}`
  const routes = running.flatMap(({ project, environment, handoffs }) =>
    handoffs
      .filter((handoff) => isCalled(handoff) && (handoff.trunk ?? trunk.name) === trunk.name)
      .map(({ name, route, numberFormat }) => ({
        handoff: `${name} of ${project} ${environment}`,
        uris: inviteUris(routeUri(route), traitsOf(trunk), numberFormat),
        isNumber: !/^sips?:/i.test(route ?? ''),
      })),
  )
  const numbers = routes.filter(({ isNumber }) => isNumber)
  if (numbers.length === 0) return []
  const problems = routes.flatMap(({ handoff, uris }) =>
    'code' in uris
      ? [{ check, state: 'failed' as const, detail: `${handoff}: ${uris.detail}`, hint: hints[uris.code] }]
      : [],
  )
  if (problems.length > 0) return problems

  return [{ check, state: 'ok', detail: `can be sent the numbers of ${counted(numbers, 'handoff')}` }]
}

const hints = {
  no_gateway: 'Give the trunk gateways in the file of BATON_CONFIG, or the handoff a trunk that has one or a SIP URI.',
  number_format: 'Give the handoff a number_format of its own, or correct that of the trunk.',
}

/** By INVITE, either at once or after a refused REFER. */
function isCalled({ active, method, fallback }: Handoff): boolean {
  return active && (method === 'invite' || (method === 'refer' && fallback === 'invite'))
}

function counted({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`
}
