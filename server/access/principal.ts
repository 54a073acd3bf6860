import { mayAnywhere, mayEverywhere, roleIn, type Grants } from './grants.ts'
import { permits, type RouteAccess, type TokenRole } from './roles.ts'

/** How a principal is known: by an account's session, by an API token, by ADMIN_TOKEN, or not at all where all is open. */
export type PrincipalKind = 'account' | 'token' | 'admin_token' | 'open'

/** Who a request is from, before its address is known. */
export interface RequestIdentity extends Grants {
  kind: PrincipalKind
  /** '' where all is open. */
  name: string
}

/** The identity of all requests while no sign-in is needed. */
export const openIdentity: RequestIdentity = { kind: 'open', name: '', role: 'admin' }

/** Who sends a request, from where, and what that person or program may do. */
export class Principal {
  readonly kind: PrincipalKind
  readonly name: string
  readonly grants: Grants
  /** The address of the request. */
  readonly from: string

  constructor({ kind, name, ...grants }: RequestIdentity, from: string) {
    this.kind = kind
    this.name = name
    this.grants = grants
    this.from = from
  }

  /** The role in a project; undefined without access to the project. */
  roleIn(project: string): TokenRole | undefined {
    return roleIn(this.grants, project)
  }

  mayIn(project: string, access: RouteAccess): boolean {
    const role = this.roleIn(project)

    return role !== undefined && permits(role, access)
  }

  /** In a project at least. */
  mayAnywhere(access: RouteAccess): boolean {
    return mayAnywhere(this.grants, access)
  }

  /** In all projects, and in what concerns all of them. */
  mayEverywhere(access: RouteAccess): boolean {
    return mayEverywhere(this.grants, access)
  }

  /** Whether a project and what is of the project is shown. */
  sees(project: string): boolean {
    return this.mayIn(project, 'viewer')
  }

  /** Whether the numbers of a project's callers are shown; they are masked otherwise. */
  seesNumbersOf(project: string): boolean {
    return this.mayIn(project, 'operator')
  }
}
