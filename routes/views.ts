/** A project's record, as others see it. */
import type { Canary, ProjectRecord } from './versions/record.ts'
import { environmentNames, type EnvironmentName, type EnvironmentRecord, type ProjectFile } from './project/schema.ts'

/** A project as the API shows it. */
export interface ProjectView {
  project: string
  settings: ProjectRecord['settings']
  environments: Partial<
    Record<EnvironmentName, EnvironmentRecord & { version?: number; promotedAt?: string; canary?: Canary }>
  >
  draft: { digest: string }
  lastVersion: number
}

/** The project file that would make this record. */
export function fileOf({ project, settings, environments, draft }: ProjectRecord): ProjectFile {
  return { project, ...settings, environments, table: draft.table }
}

export function viewOf({ project, settings, environments, draft, lastVersion, promoted }: ProjectRecord): ProjectView {
  const views: ProjectView['environments'] = {}
  for (const name of environmentNames) {
    const environment = environments[name]
    if (!environment) continue
    const promotion = promoted[name]
    const { version, at: promotedAt, canary } = promotion ?? {}
    views[name] = {
      ...environment,
      ...(version && promotedAt ? { version, promotedAt } : {}),
      ...(canary ? { canary } : {}),
    }
  }

  return { project, settings, environments: views, draft: { digest: draft.digest }, lastVersion }
}
