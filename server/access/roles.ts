/** Roles of people: each may do what those before it may. */
export const roles = ['viewer', 'operator', 'publisher', 'admin'] as const
export type Role = (typeof roles)[number]

/** Roles of API tokens: an `agent` transfers calls, `context` reads what agents gave along; each does nothing else. */
export const tokenRoles = ['agent', 'context', ...roles] as const
export type TokenRole = (typeof tokenRoles)[number]

/** What a route asks for: `open` is for all; `transfer` and `context` are for operators, and for tokens of one purpose. */
export type RouteAccess = 'open' | 'transfer' | 'context' | Role

/** The least role of a person that a route is open to. */
export function neededRole(access: Exclude<RouteAccess, 'open'>): Role {
  return access === 'transfer' || access === 'context' ? 'operator' : access
}

/** Whether a role may use routes of this access. */
export function permits(role: TokenRole, access: RouteAccess): boolean {
  if (access === 'open') return true
  if (role === 'agent') return access === 'transfer'
  if (role === 'context') return access === 'context'

  return roles.indexOf(role) >= roles.indexOf(neededRole(access))
}
