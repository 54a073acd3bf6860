/** Roles of people: each may do what those before it may. */
export const roles = ['viewer', 'operator', 'publisher', 'admin'] as const
export type Role = (typeof roles)[number]

/** Roles of API tokens: an `agent` transfers calls, and does nothing else. */
export const tokenRoles = ['agent', ...roles] as const
export type TokenRole = (typeof tokenRoles)[number]

/** What a route asks for: `open` is for all; `transfer` is for operators, and for the tokens of voice agents. */
export type RouteAccess = 'open' | 'transfer' | Role

/** The least role of a person that a route is open to. */
export function neededRole(access: Exclude<RouteAccess, 'open'>): Role {
  return access === 'transfer' ? 'operator' : access
}

/** Whether a role may use routes of this access. */
export function permits(role: TokenRole, access: RouteAccess): boolean {
  if (access === 'open') return true
  if (role === 'agent') return access === 'transfer'

  return roles.indexOf(role) >= roles.indexOf(neededRole(access))
}
