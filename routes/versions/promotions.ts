/** Which release an environment runs, as pure functions of a project's record: promotion, canary, rollback. */
import { defined } from '../../base/defined.ts'
import { RoutesError } from '../schema/errors.ts'
import type { EnvironmentName, ReleaseSettings } from '../schema/project-file.ts'
import { changed, iso, type StoreChange, type ChangeContext, type HistoryNote } from './changes.ts'
import { diffSettings } from './diff.ts'
import type { Canary, ProjectRecord, PromotionRecord } from './record.ts'
import { draftSettings, existingRelease, releaseOf, withRelease, type Release } from './release.ts'

/** Earlier releases that an environment can go back to. */
const maxEarlierReleases = 100

/** The version that an environment is expected to run; null: none, undefined: any. */
type ExpectedVersion = number | null | undefined

/** The parts that a promotion makes a release from. */
export interface ReleaseRequest {
  /** The version; the one that the environment runs when left out. */
  version?: number | undefined
  /** `draft`, the default, takes the draft of the environment's settings; `keep` those that it runs. */
  settings?: 'draft' | 'keep' | undefined
  /** The promotion is refused unless the environment runs this version. */
  expected?: ExpectedVersion
  /** Why the version is promoted although some of its handoffs cannot be called. */
  force?: string | undefined
}

/** The version and the settings of the release that a promotion would make. Throws 422 for a first one that lacks either. */
export function nextRelease(
  record: ProjectRecord,
  environment: EnvironmentName,
  { version, settings: source = 'draft' }: ReleaseRequest,
): { version: number; settings: ReleaseSettings } {
  const current = currentRelease(record, environment)
  const draft = record.environments[environment]
  const settings = source === 'keep' ? current?.settings : draft && draftSettings(record.settings, draft)
  const number = version ?? current?.version
  const first = `${environment} of ${record.project} runs nothing, and its first promotion needs`
  if (number === undefined) throw new RoutesError('invalid_command', `${first} a version: name one`)
  if (settings === undefined) {
    throw new RoutesError('invalid_command', `${first} settings: give ${environment} a draft of its settings`)
  }

  return { version: number, settings }
}

/** A new release, for all calls of an environment. Throws 412 when its version is no longer the expected one. */
export function promote(
  record: ProjectRecord,
  environment: EnvironmentName,
  request: ReleaseRequest,
  context: ChangeContext,
): StoreChange {
  mustRun(record, environment, request.expected)
  const { version, settings } = nextRelease(record, environment, request)
  const current = record.promoted[environment]
  const { releases, release } = newRelease(record, environment, version, settings, context)
  const earlier = [...(current?.earlier ?? []), ...(current ? [current.release] : [])].slice(-maxEarlierReleases)
  const what: HistoryNote = {
    ...{ action: 'promote', environment, before: current?.version ?? null, after: version },
    ...defined({ forced: request.force }),
  }

  return withPromotion(
    { ...record, releases },
    environment,
    { release, version, at: iso(context.now), earlier },
    context,
    {
      ...what,
      releases: { before: current?.release ?? null, after: release },
      changes: diffSettings(environment, currentRelease(record, environment)?.settings ?? {}, settings),
    },
  )
}

/** How a version is tried on a share of the calls. */
export interface CanaryRequest {
  /** Share of the calls, in per cent. */
  percent: number
  /** Percentage points by which the success rate may be lower; 10. */
  tolerance?: number | undefined
  /** Transfers of each version before the canary is judged; 20. */
  sample?: number | undefined
}

/**
 * Tries a version on a share of an environment's calls, with the settings of all calls. Throws 422 when the environment
 * runs no version to compare with, 412 as promote.
 */
export function startCanary(
  record: ProjectRecord,
  environment: EnvironmentName,
  { version, expected }: ReleaseRequest,
  { percent, tolerance = 10, sample = 20 }: CanaryRequest,
  context: ChangeContext,
): StoreChange {
  mustRun(record, environment, expected)
  const current = record.promoted[environment]
  const running = currentRelease(record, environment)
  if (!current || !running) {
    throw new RoutesError('invalid_command', `${environment} of ${record.project} runs no version to compare with`)
  }
  if (version === undefined) throw new RoutesError('invalid_command', 'a canary is of a version: name one')
  if (!(percent > 0)) {
    throw new RoutesError('invalid_command', `a canary takes more than ${percent} per cent of the calls`)
  }
  const { releases, release } = newRelease(record, environment, version, running.settings, context)
  const canary: Canary = { release, version, percent, tolerance, sample, startedAt: iso(context.now) }
  const what: HistoryNote = { action: 'canary', environment, before: current.version, after: version }

  return withPromotion({ ...record, releases }, environment, { ...current, canary }, context, {
    ...what,
    releases: { before: current.release, after: release },
  })
}

/**
 * Goes back to an earlier release, with its settings: without a number the canary ends, or the environment runs its previous
 * release. Throws 404 for an unknown release, 409 when there is no earlier one, 412 as promote.
 */
export function rollback(
  record: ProjectRecord,
  environment: EnvironmentName,
  to: { release?: number | undefined; expected?: ExpectedVersion },
  context: ChangeContext,
): StoreChange {
  mustRun(record, environment, to.expected)
  const current = record.promoted[environment]
  if (current?.canary && to.release === undefined) return endCanary(record, environment, current.canary, context)
  const number = to.release ?? current?.earlier.at(-1)
  if (current === undefined || number === undefined) {
    throw new RoutesError(
      'nothing_to_roll_back',
      `${environment} of ${record.project} has had no release before this one`,
    )
  }
  const { release, version, settings } = existingRelease(record, environment, number)
  if (release === current.release && !current.canary) {
    throw new RoutesError('nothing_to_roll_back', `${environment} of ${record.project} runs release ${release} already`)
  }
  const at = current.earlier.lastIndexOf(release)
  const earlier =
    at === -1 ? [...current.earlier, current.release].slice(-maxEarlierReleases) : current.earlier.slice(0, at)
  const what: HistoryNote = { action: 'rollback', environment, before: current.version, after: version }

  return withPromotion(record, environment, { release, version, at: iso(context.now), earlier }, context, {
    ...what,
    releases: { before: current.release, after: release },
    changes: diffSettings(environment, currentRelease(record, environment)?.settings ?? {}, settings),
  })
}

/** Ends a canary: all calls run the release that it would have replaced. Throws 412 when another canary runs by now. */
export function endCanary(
  record: ProjectRecord,
  environment: EnvironmentName,
  canary: Canary,
  context: ChangeContext,
): StoreChange {
  const current = record.promoted[environment]
  if (current?.canary?.startedAt !== canary.startedAt || current.canary.version !== canary.version) {
    throw new RoutesError(
      'promotion_lost',
      `${environment} of ${record.project} no longer tries version ${canary.version}`,
    )
  }
  const { release, version, at, earlier } = current
  const what: HistoryNote = { action: 'rollback', environment, before: canary.version, after: version }

  return withPromotion(record, environment, { release, version, at, earlier }, context, {
    ...what,
    releases: { before: canary.release, after: release },
  })
}

/** The release that an environment's calls run, except those of a canary. */
export function currentRelease(record: ProjectRecord, environment: EnvironmentName): Release | undefined {
  const promotion = record.promoted[environment]

  return promotion && releaseOf(record, environment, promotion.release)
}

/** Throws 409, naming the environments of `promote_after` that have never run this version. */
export function mustFollowOrder(record: ProjectRecord, environment: EnvironmentName, version: number): void {
  const missing = missingBefore(record, environment, version)
  if (missing.length === 0) return
  throw new RoutesError(
    'out_of_order',
    `${environment} of ${record.project} takes a version after ${missing.join(' and ')} (promote_after), which has not run version ${version}: promote it there first`,
  )
}

/** The environments of `promote_after` that have not run a version yet. */
export function missingBefore(record: ProjectRecord, environment: EnvironmentName, version: number): EnvironmentName[] {
  return (record.settings.promote_after?.[environment] ?? []).filter(
    (before) => !record.releases[before]?.releases.some((one) => one.version === version),
  )
}

function newRelease(
  record: ProjectRecord,
  environment: EnvironmentName,
  version: number,
  settings: ReleaseSettings,
  { actor: { who, from, why }, now }: ChangeContext,
): { releases: ProjectRecord['releases']; release: number } {
  const made = { version, settings, by: who, from, at: iso(now), ...(why && { message: why }) }
  const { stored, release } = withRelease(record.releases[environment], made)

  return { releases: { ...record.releases, [environment]: stored }, release }
}

function mustRun({ project, promoted }: ProjectRecord, environment: EnvironmentName, expected: ExpectedVersion): void {
  const current = promoted[environment]?.version ?? null
  if (expected === undefined || expected === current) return
  const named = (version: number | null): string => (version === null ? 'no version' : `version ${version}`)
  throw lost(`${environment} of ${project} runs ${named(current)}, not ${named(expected)}`)
}

/** Throws 412 when an environment runs another release, or tries another canary, than `seen`; null stands for none. */
export function mustStillRun(
  { project, promoted }: ProjectRecord,
  environment: EnvironmentName,
  seen: PromotionRecord | null,
): void {
  const current = promoted[environment]
  if (current?.release === seen?.release && current?.canary?.release === seen?.canary?.release) return
  throw lost(`${environment} of ${project} was promoted or rolled back in the same moment`)
}

function lost(what: string): RoutesError {
  return new RoutesError('promotion_lost', `${what}: look at its history, then promote again`)
}

function withPromotion(
  record: ProjectRecord,
  environment: EnvironmentName,
  promotion: PromotionRecord,
  context: ChangeContext,
  what: HistoryNote,
): StoreChange {
  const promoted = { ...record.promoted, [environment]: promotion }

  return { record: changed({ ...record, promoted }, context, what) }
}
