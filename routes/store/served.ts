/** A project as calls use it: its record and the versions it promotes, compiled. Each change makes a new one. */
import { announcementOf } from '../table/handoff-media.ts'
import { probeOf, usualProbe } from '../../base/probe.ts'
import { defined } from '../../base/defined.ts'
import { PinnedTable } from '../table/pinned.ts'
import type { ProjectRecord, Version } from '../versions/record.ts'
import { releaseOf, type Release } from '../versions/release.ts'
import { environmentNames, settingsDefaults, type EnvironmentName } from '../schema/project-file.ts'
import { percentileOf } from '../table/share.ts'
import { compileTableInSlices, type CompiledTable } from '../table/table.ts'

export interface CompiledVersion {
  readonly version: Version
  readonly table: CompiledTable
}

interface ServedEnvironment {
  readonly main: PinnedTable
  readonly canary: { readonly pinned: PinnedTable; readonly percent: number } | undefined
}

export interface ServedProject {
  readonly record: ProjectRecord
  readonly versions: ReadonlyMap<number, CompiledVersion>
  readonly environments: ReadonlyMap<EnvironmentName, ServedEnvironment>
}

/** Compiles a version in turns of the event loop. */
export async function compileVersion(version: Version): Promise<CompiledVersion> {
  return { version, table: await compileTableInSlices(version.table) }
}

/** Versions by number, compiled; `known` are those that need not be compiled again. */
export async function compileVersions(
  versions: readonly Version[],
  known: readonly CompiledVersion[] = [],
): Promise<Map<number, CompiledVersion>> {
  const compiled = new Map<number, CompiledVersion>()
  for (const version of versions) {
    const same = known.find((one) => one.version === version)
    compiled.set(version.version, same ?? (await compileVersion(version)))
  }

  return compiled
}

/** The versions that a record's environments run. */
export function versionsInUse(record: ProjectRecord): Set<number> {
  return new Set(
    Object.values(record.promoted).flatMap(({ version, canary }) => (canary ? [version, canary.version] : [version])),
  )
}

/**
 * A project as calls use it. `versions` are those that could be loaded; an environment whose version is not among them runs
 * the release in `instead`, if the version of that is.
 */
export function serveProject(
  record: ProjectRecord,
  versions: ReadonlyMap<number, CompiledVersion>,
  instead: ReadonlyMap<EnvironmentName, Release> = new Map(),
): ServedProject {
  const environments = new Map<EnvironmentName, ServedEnvironment>()
  for (const environment of environmentNames) {
    const promotion = record.promoted[environment]
    if (!promotion) continue
    const pinnedTo = (release: Release | undefined): PinnedTable | undefined => {
      const found = release && versions.get(release.version)

      return found && pinRelease(record.project, environment, release, found)
    }
    const main = pinnedTo(releaseOf(record, environment, promotion.release)) ?? pinnedTo(instead.get(environment))
    if (!main) continue
    const trial = promotion.canary && pinnedTo(releaseOf(record, environment, promotion.canary.release))
    environments.set(environment, {
      main,
      canary: trial && promotion.canary && { pinned: trial, percent: promotion.canary.percent },
    })
  }

  return { record, versions, environments }
}

/** A compiled version with the settings of a release. */
export function pinRelease(
  project: string,
  environment: EnvironmentName,
  { release, settings }: Pick<Release, 'release' | 'settings'>,
  { version, table }: { version: Pick<Version, 'version' | 'digest'>; table: CompiledTable },
): PinnedTable {
  const {
    numbers = [],
    agents = [],
    variables = {},
    agent_down: agentDown,
    progress_timeout: progressTimeout,
    probe,
    adhoc,
    adhoc_deny: adhocDeny = [],
    adhoc_allow: adhocAllow = [],
    adhoc_hosts: adhocHosts = [],
    consult,
    recording,
    recording_notice: recordingNotice = '',
    limit,
    project_limit: projectLimit,
  } = { ...settingsDefaults, ...settings }

  return new PinnedTable({
    project,
    environment,
    release,
    version: version.version,
    digest: version.digest,
    numbers,
    agents,
    variables,
    settings: {
      agentDown,
      progressTimeout,
      probe: probe ? probeOf(probe) : usualProbe,
      adhoc,
      adhocDeny,
      adhocAllow,
      adhocHosts,
      consult,
      recording,
      recordingNotice: announcementOf(recordingNotice),
      ...defined({ limit, projectLimit }),
    },
    table,
  })
}

/** The release for one call: that of the canary for its share of callers. */
export function pinnedForCaller(environment: ServedEnvironment, sticky: string): PinnedTable {
  const { main, canary } = environment
  if (!canary) return main

  // A caller without a number gets a random side.
  const percentile = sticky === '' ? Math.random() * 100 : percentileOf(sticky, `${main.project}/${main.environment}`)

  return percentile < canary.percent ? canary.pinned : main
}
