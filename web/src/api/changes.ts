import { useMutation, useQueryClient } from '@tanstack/react-query'
import { keys } from './queries'

/**
 * A change of a project. Once it is made, every query of the project is sent again, and then `done` gets the result.
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
