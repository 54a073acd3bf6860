import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, type Principal } from '../api/client'

export type Role = 'viewer' | 'operator' | 'publisher' | 'admin'

/** The principal who uses the pages, and whether a sign-in is needed; asked for again when a request is answered 401. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => (await api.GET('/v1/session')).data,
  staleTime: Infinity,
})

/** The person who has signed in; undefined until that is known. */
export function usePrincipal(): Principal | undefined {
  return useQuery(sessionQuery).data?.principal
}

/** Tells whether the person has a role, or one that includes it. The server decides in any case. */
export function useMay(): (needed: Role) => boolean {
  const { principal, roles = [] } = useQuery(sessionQuery).data ?? {}
  const rank = roles.findIndex((role) => role === principal?.role)

  return (needed) => rank >= roles.indexOf(needed)
}
