import { permits, type RouteAccess, type TokenRole } from './roles.ts'

/** How a principal is known: by an account's session, by an API token, by ADMIN_TOKEN, or not at all where all is open. */
export type PrincipalKind = 'account' | 'token' | 'admin_token' | 'open'

/** Who a request is from, before its address is known. */
export interface RequestIdentity {
  kind: PrincipalKind
  /** '' where all is open. */
  name: string
  role: TokenRole
  /** Left out: all projects, also those to come. */
  projects?: readonly string[] | undefined
}

/** The identity of all requests while no sign-in is needed. */
export const openIdentity: RequestIdentity = { kind: 'open', name: '', role: 'admin' }

/** Who sends a request, from where, and what that person or program may do. */
export class Principal {
  readonly kind: PrincipalKind
  readonly name: string
  readonly role: TokenRole
  readonly projects: readonly string[] | undefined
  /** The address of the request. */
  readonly from: string

  constructor({ kind, name, role, projects }: RequestIdentity, from: string) {
    this.kind = kind
    this.name = name
    this.role = role
    this.projects = projects
    this.from = from
  }

  may(access: RouteAccess): boolean {
    return permits(this.role, access)
  }

  hasProject(project: string): boolean {
    return this.projects === undefined || this.projects.includes(project)
  }

  /** Whether the numbers of callers are shown; they are masked otherwise. */
  get seesNumbers(): boolean {
    return permits(this.role, 'operator')
  }
}
