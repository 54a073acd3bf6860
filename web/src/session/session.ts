import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query'
import { useProjectName } from '../address'
import { api, type Principal } from '../api/client'
import { texts } from '../texts'

export type Role = 'viewer' | 'operator' | 'publisher' | 'admin'

/** The principal who uses the pages, and whether a sign-in is needed; asked for again when a request is answered 401. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => (await api.GET('/v1/session')).data,
  staleTime: Infinity,
})

/** Asks whether there is still a session, and resolves once there is one, or none is needed. */
export async function untilSignedIn(client: QueryClient): Promise<void> {
  const isIn = (): boolean => {
    const { principal, needsSignIn = false } = client.getQueryData(sessionQuery.queryKey) ?? {}

    return principal !== undefined || !needsSignIn
  }
  await client.invalidateQueries({ queryKey: sessionQuery.queryKey })
  if (isIn()) return
  await new Promise<void>((resolve) => {
    const unsubscribe = client.getQueryCache().subscribe(() => {
      if (!isIn()) return
      unsubscribe()
      resolve()
    })
  })
}

/** The person who has signed in; undefined until that is known. */
export function usePrincipal(): Principal | undefined {
  return useQuery(sessionQuery).data?.principal
}

/** The role of the person in the project that the address names. */
export function useRole(): Principal['role'] | undefined {
  const principal = usePrincipal()

  return principal?.projectRoles?.[useProjectName()] ?? principal?.role
}

/**
 * Tells whether the person has a role, or one that includes it: `here`, in the project that the address names, or `everywhere`,
 * for what concerns all projects. The server decides in any case.
 */
export function useMay(): (needed: Role, where?: 'here' | 'everywhere') => boolean {
  const { principal, roles = [] } = useQuery(sessionQuery).data ?? {}
  const roleHere = useRole()
  const includes = (held: string | undefined, needed: Role): boolean =>
    roles.findIndex((role) => role === held) >= roles.indexOf(needed)

  return (needed, where = 'here') => {
    if (where === 'here') return includes(roleHere, needed)
    const held = [principal?.role, ...Object.values(principal?.projectRoles ?? {})]

    return principal?.projects === undefined && held.every((role) => includes(role, needed))
  }
}

/** Says which role the person lacks, and whether in all projects; undefined for what the person may do. */
export function useLackedRole(): (needed: Role, where?: 'here' | 'everywhere') => string | undefined {
  const may = useMay()

  return (needed, where) => {
    if (may(needed, where)) return undefined
    const role = texts.access.roles[needed]

    return may(needed) ? texts.access.needsEverywhere(role) : texts.access.needs(role)
  }
}
