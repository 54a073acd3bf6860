/** Where projects are kept. Two stores implement it and pass the same tests: files, and Redis. */
import type { HistoryEntry, ProjectRecord, Version } from '../versions/record.ts'

/** One atomic change: the record, the versions that come with it, and its line of history. */
export interface Commit {
  record: ProjectRecord
  /** The revision that is stored now; 0 when there is none. */
  expected: number
  versions: readonly Version[]
}

/** A log such as winston's. */
export interface StoreLog {
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

export const silentLog: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined }

/**
 * Reads throw Damaged when what is stored is not what should be there, and RoutesError `store_unavailable` when the store
 * cannot be reached in time.
 */
export interface Store {
  readonly kind: 'files' | 'redis'
  /** The projects and their revisions. Cheap: it is asked for again and again. */
  revisions(): Promise<ReadonlyMap<string, number>>
  record(project: string): Promise<ProjectRecord | undefined>
  /** A record from before the newest one, when that is damaged and the store keeps such. */
  earlier(project: string): Promise<ProjectRecord | undefined>
  version(project: string, number: number): Promise<Version | undefined>
  /** Newest first. */
  history(project: string, limit: number): Promise<HistoryEntry[]>
  /** Stores all of it, or nothing: `lost` when the stored revision is not the expected one. */
  commit(commit: Commit): Promise<'done' | 'lost'>
  /** Writes a version again that is damaged in the store, from a copy that is whole. */
  repair(version: Version): Promise<void>
  /** Why it takes no changes just now, though it can be read; undefined when nothing is known to be in the way. */
  refusesChanges(): Promise<string | undefined>
  /** `changed` is called when a project may have changed, `undefined` when any may have. */
  watch(changed: (project: string | undefined) => void): void
  /** Idempotent. */
  close(): Promise<void>
}
