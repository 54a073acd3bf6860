import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, environmentNames, type Explanation, type Handoff } from '../api/client'
import { useProject } from '../api/queries'
import { completed, type Edit } from './edit'

/** A number from the range for examples. */
const sampleCaller = '+14155550123'
/** The name and route of a handoff that has none yet, so that its headers can be previewed. */
const unnamed = { name: 'new-handoff', route: 'sip:destination@example.invalid' }
const typingPauseMs = 300

export interface Explained {
  explanation: Explanation | undefined
  /** The server's refusal, with each mistake, where there is no explanation. */
  error: Error | null
  /** Whether name and route are there, so that the message is the one that would be sent. */
  isComplete: boolean
}

/** The server's explanation of a handoff for a sample call, while it is typed. */
export function useExplained(project: string, edit: Edit): Explained {
  const environments = Object.keys(useProject(project)?.environments ?? {})
  // The environment that a draft comes to first.
  const environment = environmentNames.find((name) => environments.includes(name)) ?? 'sandbox'
  const handoff = edit.base?.name
  const [typed] = useDebouncedValue(JSON.stringify(completed(edit)), typingPauseMs)
  const changes = JSON.parse(typed) as Handoff
  const tried = {
    ...(changes.method !== 'bye' && !changes.pool && { route: unnamed.route }),
    ...changes,
    name: changes.name || unnamed.name,
  }
  const { data, error } = useQuery({
    queryKey: ['preview', project, handoff, typed, environment],
    queryFn: async () =>
      (
        await api.POST('/v1/projects/{project}/explain', {
          params: { path: { project } },
          body: {
            ...{ environment, handoff: tried.name, draft: true, call: { caller: sampleCaller } },
            edit: { changes: tried, ...(handoff !== undefined && { handoff }) },
          },
        })
      ).data,
    retry: false,
    placeholderData: keepPreviousData,
  })

  return {
    explanation: error ? undefined : data,
    error,
    isComplete: changes.name !== '' && (changes.method === 'bye' || Boolean(changes.route ?? changes.pool)),
  }
}
