import { defined } from '../../base/defined.ts'
import { AccessRefused } from './access-refused.ts'
import { permits, type RouteAccess, type TokenRole } from './roles.ts'

/** What a person or a token may do: a role, the projects that the role is for, and another role in some of these projects. */
export interface Grants<R extends TokenRole = TokenRole> {
  role: R
  /** Left out: all projects, also those to come. */
  projects?: readonly string[] | undefined
  /** The roles in projects where `role` does not count. */
  projectRoles?: Readonly<Record<string, R>> | undefined
}

/** What an admin changes of grants; what is left out stays. */
export interface GrantChanges<R extends TokenRole> {
  role?: R | undefined
  /** null: all projects. */
  projects?: readonly string[] | null | undefined
  /** null: `role` counts in all projects. */
  projectRoles?: Readonly<Record<string, R>> | null | undefined
}

/** The role in a project; undefined without access to the project. Each check of a project's access asks here. */
export function roleIn({ role, projects, projectRoles }: Grants, project: string): TokenRole | undefined {
  if (projects && !projects.includes(project)) return undefined
  // A project may have the name of a property that every object has, such as "constructor".
  return projectRoles && Object.hasOwn(projectRoles, project) ? projectRoles[project] : role
}

/** Whether routes of this access may be used in each project: for what concerns all of them, such as people. */
export function mayEverywhere(grants: Grants, access: RouteAccess): boolean {
  return grants.projects === undefined && rolesOf(grants).every((role) => permits(role, access))
}

/** Whether routes of this access may be used in a project at least. */
export function mayAnywhere(grants: Grants, access: RouteAccess): boolean {
  return rolesOf(grants).some((role) => permits(role, access))
}

function rolesOf({ role, projectRoles = {} }: Grants): TokenRole[] {
  return [role, ...Object.values(projectRoles)]
}

/**
 * The grants after a change. A project that is taken away takes its role along.
 * @throws AccessRefused (422) for a role in a project that is not one of the projects
 */
export function changedGrants<R extends TokenRole>(
  { role: hadRole, projects: hadProjects, projectRoles: hadRoles = {} }: Grants<R>,
  { role = hadRole, projects: changed = hadProjects, projectRoles: given }: GrantChanges<R>,
): { role: R; projects?: string[]; projectRoles?: Record<string, R> } {
  const projects = changed ?? undefined
  const isGranted = (project: string) => projects?.includes(project) ?? true
  const stray = Object.keys(given ?? {}).find((project) => !isGranted(project))
  if (stray !== undefined) {
    throw new AccessRefused(
      'stray_role',
      `/projectRoles/${stray}: ${stray} is not one of projects; add it there, or leave projects out.`,
    )
  }
  const kept = Object.entries(given === undefined ? hadRoles : (given ?? {})).filter(([project]) => isGranted(project))

  return {
    role,
    ...defined({
      projects: projects && [...projects],
      projectRoles: kept.length > 0 ? (Object.fromEntries(kept) as Record<string, R>) : undefined,
    }),
  }
}
