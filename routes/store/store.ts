/** The store of projects. Two implementations pass the same tests: files, and Redis. */
import type { HistoryEntry, ProjectRecord, Version } from '../versions/record.ts'

/** One atomic change: the record with its history entry, and the versions that come with it. */
export interface StoreCommit {
  record: ProjectRecord
  /** The revision that must be in the store; 0 for a new project. */
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
 * Reads throw Damaged for a record or version that cannot be used, and RoutesError `store_unavailable` when the store does
 * not answer in time.
 */
export interface Store {
  readonly kind: 'files' | 'redis'
  /** The projects and their revisions. Must be cheap, since each poll asks for them. */
  revisions(): Promise<ReadonlyMap<string, number>>
  record(project: string): Promise<ProjectRecord | undefined>
  /** An earlier record, when the newest is damaged and the store keeps earlier ones. */
  earlier(project: string): Promise<ProjectRecord | undefined>
  version(project: string, number: number): Promise<Version | undefined>
  /** Newest first. */
  history(project: string, limit: number): Promise<HistoryEntry[]>
  /** Stores all of it, or nothing: `lost` when the stored revision is not the expected one. */
  commit(commit: StoreCommit): Promise<'done' | 'lost'>
  /** Replaces a version that is damaged in the store by an intact copy. */
  repair(version: Version): Promise<void>
  /** Why the store can be read but takes no changes now; undefined when no reason is known. */
  refusesChanges(): Promise<string | undefined>
  /** Calls `changed` with a project that may have changed, or with undefined when any may have. */
  watch(changed: (project: string | undefined) => void): void
  /** Idempotent. */
  close(): Promise<void>
}
