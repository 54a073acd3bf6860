import type { EnvironmentName } from '../api/client'
import { useProject } from '../api/queries'

/** The environment that callers meet: Live, or the last one before it that runs a version. */
export function useMetEnvironment(project: string): EnvironmentName | undefined {
  const { environments = {} } = useProject(project) ?? {}

  return (['live', 'pre-release', 'sandbox'] as const).find((name) => environments[name]?.release !== undefined)
}
