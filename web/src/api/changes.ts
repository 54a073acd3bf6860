import { useMutation, useQueryClient } from '@tanstack/react-query'
import { keys } from './queries'

/**
 * A change of a project. Once it is made, all that is shown of the project is asked for anew, and then `done` hears of it.
 */
export function useProjectChange<Result>(
  project: string,
  change: () => Promise<Result>,
  done: (result: Result) => void,
) {
  const client = useQueryClient()

  return useMutation({
    mutationFn: change,
    onSuccess: async (result) => {
      await client.invalidateQueries({ queryKey: keys.project(project) })
      done(result)
    },
  })
}
