import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, environmentNames, type Explanation, type Handoff } from '../api/client'
import { useProject } from '../api/queries'
import { completed, type Edit } from './edit'

/** A number from the range for examples. */
const sampleCaller = '+14155550123'
/** What a handoff is tried with while it has neither name nor route, so that its headers can be seen. */
const unnamed = { name: 'new-handoff', route: 'sip:destination@example.invalid' }
const typingPauseMs = 300

export interface Explained {
  explanation: Explanation | undefined
  /** Why there is none, with each mistake. */
  error: Error | null
  /** Whether name and route are there, so that the message is the one that would be sent. */
  isComplete: boolean
}

/** What the server makes of a handoff for a sample call, as it is typed. */
export function useExplained(project: string, edit: Edit): Explained {
  const environments = Object.keys(useProject(project)?.environments ?? {})
  // The environment that a draft comes to first.
  const environment = environmentNames.find((name) => environments.includes(name)) ?? 'sandbox'
  const handoff = edit.base?.name
  const [typed] = useDebouncedValue(JSON.stringify(completed(edit)), typingPauseMs)
  const changes = JSON.parse(typed) as Handoff
  const tried = {
    ...(changes.method !== 'bye' && { route: unnamed.route }),
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
    isComplete: changes.name !== '' && (changes.method === 'bye' || Boolean(changes.route)),
  }
}
