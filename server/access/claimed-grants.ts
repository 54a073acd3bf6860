import type { OidcSettings } from '../../config/index.ts'
import type { Grants } from './grants.ts'
import { roles, type Role } from './roles.ts'

interface ClaimedGrants {
  grants: Grants<Role>
  /** Whether the values decide about projects, too: where OIDC_ROLES names one. */
  decidesProjects: boolean
}

/**
 * What the values of a claim grant by OIDC_ROLES: the highest role, and in a project the highest of those for the project and
 * for all. Undefined for values that stand for no role where there is no default one.
 */
export function grantsOf(
  claims: Readonly<Record<string, unknown>>,
  { roleClaim, roles: named, defaultRole }: Pick<OidcSettings, 'roleClaim' | 'roles' | 'defaultRole'>,
): ClaimedGrants | undefined {
  const values = [claims[roleClaim]].flat()
  const claimed = named.filter(({ value }) => values.includes(value))
  const rolesFor = (project?: string) => claimed.filter((one) => one.project === project).map(({ role }) => role)
  const role = highest(rolesFor()) ?? defaultRole
  const projects = [...new Set(claimed.flatMap(({ project }) => project ?? []))]
  const decidesProjects = named.some(({ project }) => project !== undefined)
  if (role === undefined && projects.length === 0) return undefined
  const inProjects = projects.map(
    (project) => [project, highest([...rolesFor(project), ...(role ? [role] : [])])] as const,
  )
  const projectRoles = Object.fromEntries(inProjects) as Record<string, Role>

  return {
    grants: role === undefined ? { role: 'viewer', projects, projectRoles } : { role, projectRoles },
    decidesProjects,
  }
}

function highest(found: readonly Role[]): Role | undefined {
  return roles.findLast((role) => found.includes(role))
}
