/** What calls are served from: a project's record and the versions it promotes, compiled. It is replaced, never changed. */
import { PinnedTable } from '../table/pinned.ts'
import type { ProjectRecord, Version } from '../versions/record.ts'
import { environmentNames, type EnvironmentName } from '../project/schema.ts'
import { placeOf } from '../table/share.ts'
import { compileTable, type CompiledTable } from '../table/table.ts'

export interface ReadyVersion {
  readonly version: Version
  readonly table: CompiledTable
}

interface ServedEnvironment {
  readonly main: PinnedTable
  readonly canary: { readonly pinned: PinnedTable; readonly percent: number } | undefined
}

export interface Served {
  readonly record: ProjectRecord
  readonly versions: ReadonlyMap<number, ReadyVersion>
  readonly environments: ReadonlyMap<EnvironmentName, ServedEnvironment>
}

export function ready(version: Version): ReadyVersion {
  return { version, table: compileTable(version.table) }
}

/** The versions that a record wants in memory. */
export function wanted(record: ProjectRecord): Set<number> {
  return new Set(
    Object.values(record.promoted).flatMap(({ version, canary }) => (canary ? [version, canary.version] : [version])),
  )
}

/**
 * A project as calls see it. `versions` holds what could be had; an environment whose version is not among them runs the
 * one that `instead` names, if it is.
 */
export function serve(
  record: ProjectRecord,
  versions: ReadonlyMap<number, ReadyVersion>,
  instead: ReadonlyMap<EnvironmentName, number> = new Map(),
): Served {
  const environments = new Map<EnvironmentName, ServedEnvironment>()
  for (const environment of environmentNames) {
    const promotion = record.promoted[environment]
    if (!promotion) continue
    const main = versions.get(promotion.version) ?? versions.get(instead.get(environment) ?? 0)
    if (!main) continue
    const canary = promotion.canary && versions.get(promotion.canary.version)
    environments.set(environment, {
      main: pin(record, environment, main),
      canary: canary &&
        promotion.canary && { pinned: pin(record, environment, canary), percent: promotion.canary.percent },
    })
  }

  return { record, versions, environments }
}

function pin(record: ProjectRecord, environment: EnvironmentName, { version, table }: ReadyVersion): PinnedTable {
  const { agents = [], variables = {} } = record.environments[environment] ?? {}
  const {
    agent_down: agentDown,
    adhoc = false,
    adhoc_deny: adhocDeny = [],
    adhoc_hosts: adhocHosts = [],
    consult = true,
  } = record.settings

  return new PinnedTable({
    project: record.project,
    environment,
    version: version.version,
    digest: version.digest,
    agents,
    variables,
    settings: { agentDown, adhoc, adhocDeny, adhocHosts, consult },
    table,
  })
}

/** The table for one call: the canary's for its share of callers. */
export function pinnedFor(environment: ServedEnvironment, sticky: string): PinnedTable {
  const { main, canary } = environment
  if (!canary) return main

  // A caller that nothing is known of takes its chance.
  const place = sticky === '' ? Math.random() * 100 : placeOf(sticky, `${main.project}/${main.environment}`)

  return place < canary.percent ? canary.pinned : main
}
