import type { Settings } from '../../config/index.ts'
import type { Routing } from '../../routes/index.ts'
import type { Health } from '../health.ts'
import { checkCertificates } from './check-certificates.ts'
import { checkMachine, machineFigures } from './check-machine.ts'
import { checkRedis, checkRtpengines } from './check-servers.ts'
import { checkRuntime, checkSettings } from './check-settings.ts'
import { checkTables } from './check-tables.ts'
import {
  checkClocks,
  checkGateways,
  checkPeerCertificates,
  checkTargets,
  targetsOfProjects,
  type CheckedTarget,
} from './check-targets.ts'
import type { CheckFinding } from './finding.ts'

export interface CheckupParts {
  settings: Settings
  /** Undefined when the tables cannot be read. */
  routing: Pick<Routing, 'projects' | 'running'> | undefined
  targets: readonly CheckedTarget[]
  /** The health of a Baton that runs. */
  health?: Pick<Health, 'checks'>
  /** The projects that the findings may name; all when left out. */
  hasProject?: ((project: string) => boolean) | undefined
}

/** All that `doctor` finds, of a Baton that runs or of one that is to run: the same checks for both. */
export async function checkup({
  settings,
  routing,
  targets: all,
  health,
  hasProject,
}: CheckupParts): Promise<CheckFinding[]> {
  const now = Date.now()
  const targets = hasProject ? targetsOfProjects(all, hasProject) : all

  return [
    ...(health ? checkHealth(health) : []),
    ...checkRuntime(process.versions, now),
    ...checkSettings(settings),
    ...checkMachine(settings, await machineFigures(settings)),
    ...(await checkRedis(settings.redisUrl, Date.now)),
    ...(await checkRtpengines(settings)),
    ...(await checkCertificates(settings, now)),
    ...(await checkGateways(settings.trunks)),
    ...checkTargets(targets),
    ...checkPeerCertificates(targets, now),
    ...checkClocks(targets),
    ...(routing ? checkTables(routing, settings, hasProject) : []),
  ]
}

/** The checks of `/readyz` as findings. */
function checkHealth({ checks }: Pick<Health, 'checks'>): CheckFinding[] {
  return checks.map(({ name, state, detail = 'is well' }) => ({
    check: name,
    state: state === 'degraded' ? 'warning' : state,
    detail,
  }))
}
