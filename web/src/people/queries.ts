import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client'
import { sessionQuery } from '../session/session'

const keys = { people: ['people'] as const, tokens: ['tokens'] as const }

export const peopleQuery = queryOptions({
  queryKey: keys.people,
  queryFn: async () => (await api.GET('/v1/people')).data?.people ?? [],
})

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: async () => (await api.GET('/v1/tokens')).data?.tokens ?? [],
})

/** A change of people or tokens. Once it is made, both are asked for anew, and so are the rights of the session. */
export function useAccessChange<Result>(change: () => Promise<Result>, done: (result: Result) => void) {
  const client = useQueryClient()

  return useMutation({
    mutationFn: change,
    onSuccess: async (result) => {
      done(result)
      await Promise.all(
        [keys.people, keys.tokens, sessionQuery.queryKey].map((queryKey) => client.invalidateQueries({ queryKey })),
      )
    },
  })
}
