import type { EnvironmentName } from '../api/client'
import { useProject } from '../api/queries'

/** The environment whose callers are meant: Live, or the last one before it that runs something. */
export function useMetEnvironment(project: string): EnvironmentName | undefined {
  const { environments = {} } = useProject(project) ?? {}

  return (['live', 'pre-release', 'sandbox'] as const).find((name) => environments[name]?.release !== undefined)
}
