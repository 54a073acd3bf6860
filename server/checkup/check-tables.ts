import type { Settings } from '../../config/index.ts'
import { uriOfChoice } from '../../base/choice.ts'
import {
  handoffProblems,
  inviteUris,
  routeUri,
  type PinnedTable,
  type Routing,
  type SipSetup,
} from '../../routes/index.ts'
import { sipSetupOf } from '../legs/trunks.ts'
import type { CheckFinding } from './finding.ts'

/** The version of each environment, whether its handoffs can be reached, and how each trunk writes their numbers. */
export function checkTables(
  routing: Pick<Routing, 'projects' | 'running'>,
  settings: Settings,
  hasProject: (project: string) => boolean = () => true,
): CheckFinding[] {
  const projects = routing.projects().filter(({ project }) => hasProject(project))
  if (projects.length === 0) {
    const hint = 'npx baton routes import FILE'

    return [{ check: 'routing tables', state: 'warning', detail: 'there is no project', hint }]
  }
  const running = projects.flatMap(({ project }) => routing.running(project))
  const setup = sipSetupOf(settings)

  return [
    ...projects.flatMap(({ project, environments }) =>
      Object.entries(environments).map(([environment, { version, numbers = [], agents = [] }]) =>
        checkEnvironment(project, environment, version, numbers, agents.map(uriOfChoice)),
      ),
    ),
    ...checkHandoffs(setup, running),
    ...checkResolvers(running, new Set(settings.resolverSecrets.map(({ name }) => name))),
    ...numbersAsDialled(setup, running),
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
    ...{
      check,
      state: 'warning',
      detail: `version ${version}, but no ${what}s`,
      where: `${project}: environments.${environment}.${what}s`,
    },
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

/** A resolver whose secret is not there is not asked: the route of the table is used. */
function checkResolvers(running: readonly PinnedTable[], secrets: ReadonlySet<string>): CheckFinding[] {
  return running.flatMap(({ project, environment, handoffs }) =>
    handoffs.flatMap(({ name, active, resolver }): CheckFinding[] => {
      const { secret } = resolver ?? {}
      if (!active || secret === undefined || secrets.has(secret)) return []
      const detail = `${name} of ${project} ${environment} asks no resolver: there is no secret ${secret}`
      const where = `${project}: table.handoffs.${name}.resolver.secret`

      return [{ check: 'resolver', state: 'warning', detail, where, hint: `add ${secret}:… to RESOLVER_SECRETS` }]
    }),
  )
}

/** The problems that each handoff has for the callers of each trunk, as `explain` and promotions name them; each once. */
function checkHandoffs(setup: SipSetup, running: readonly PinnedTable[]): CheckFinding[] {
  const trunkNamed = (name: string) => setup.trunks.find((trunk) => trunk.name === name)
  const found = new Map<string, CheckFinding>()
  for (const { project, environment, handoffs } of running) {
    for (const handoff of handoffs.filter(({ active }) => active)) {
      for (const trunk of setup.trunks) {
        for (const { code, detail: problem } of handoffProblems(handoff, {
          trunk,
          trunkNamed,
          listens: setup.listens,
        })) {
          const detail = `${handoff.name} of ${project} ${environment}: ${problem}`
          found.set(detail, {
            ...{ check: `trunk ${handoff.trunk ?? trunk.name}`, state: 'failed', detail },
            ...{ where: `${project}: table.handoffs.${handoff.name}`, hint: hints[code] },
          })
        }
      }
    }
  }

  return [...found.values()]
}

/** How each trunk writes the numbers of the handoffs that are called through it. */
function numbersAsDialled(setup: SipSetup, running: readonly PinnedTable[]): CheckFinding[] {
  return setup.trunks.flatMap((trunk): CheckFinding[] => {
    const uris = running.flatMap(({ handoffs }) =>
      handoffs
        .filter(({ active, method, route = '', trunk: named = trunk.name }) => {
          return active && method !== 'bye' && named === trunk.name && !/^sips?:/i.test(route)
        })
        .flatMap(({ route, numberFormat }) => {
          const written = inviteUris(routeUri(route), trunk, numberFormat)

          return 'code' in written ? [] : written.slice(0, 1)
        }),
    )
    const [first] = uris
    if (first === undefined) return []

    return [
      { check: `trunk ${trunk.name}`, state: 'ok', detail: `${counted(uris, 'number')} can be called, as ${first}` },
    ]
  })
}

const hints = {
  no_gateway: 'Give the trunk gateways in the file of BATON_CONFIG, or the handoff a trunk that has one or a SIP URI.',
  premium_denied: 'Add its beginning to allow_premium of the trunk, if the cost is meant.',
  number_format:
    'Give the handoff a number_format of its own, or correct number_format and default_country of the trunk.',
  unknown_trunk: 'Correct the name, or add the trunk to the file of BATON_CONFIG.',
  refer_not_supported: 'Give the handoff fallback: invite, or method: invite.',
  no_listener: 'Add such a listener to SIP_LISTEN, or give the route another transport.',
}

function counted({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`
}
