import type { OidcSettings } from '../../config/index.ts'
import { AccessRefused } from './access-refused.ts'
import type { ProvedPerson } from './people.ts'
import type { Grants } from './grants.ts'
import { discoverProvider, reasonOf, type DiscoveredProvider } from './openid-provider.ts'
import { roles, type Role } from './roles.ts'

/** The browser keeps these values until the provider sends it back: they prove that the answer belongs to this sign-in. */
export interface OidcChecks {
  state: string
  nonce: string
  /** The code verifier of PKCE (RFC 7636). */
  verifier: string
}

/** The person waits no longer, however many requests the provider lets hang in turn. */
const waitLimitMs = 8_000

/** Signs people in by OpenID Connect: the authorization code flow with PKCE, state and nonce. */
export class Oidc {
  readonly #settings: OidcSettings
  #discovered: Promise<DiscoveredProvider> | undefined

  constructor(settings: OidcSettings) {
    this.#settings = settings
  }

  /** The provider's page, and what its answer is checked with. @throws AccessRefused `provider_unavailable` within seconds */
  begin(redirectUri: string): Promise<{ url: string; checks: OidcChecks }> {
    return withinWaitLimit(this.#begin(redirectUri))
  }

  /**
   * The person whom the provider's answer proves.
   * @throws AccessRefused `sign_in_refused` for an answer that proves none, or has no role here; `provider_unavailable` within seconds
   */
  finish(answer: URL, checks: OidcChecks): Promise<ProvedPerson> {
    return withinWaitLimit(this.#finish(answer, checks))
  }

  async #begin(redirectUri: string): Promise<{ url: string; checks: OidcChecks }> {
    const [library, configured] = await this.#open()
    const checks = {
      state: library.randomState(),
      nonce: library.randomNonce(),
      verifier: library.randomPKCECodeVerifier(),
    }
    const url = library.buildAuthorizationUrl(configured, {
      redirect_uri: redirectUri,
      scope: this.#settings.scopes,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: 'S256',
    })

    return { url: url.href, checks }
  }

  async #finish(answer: URL, { state, nonce, verifier }: OidcChecks): Promise<ProvedPerson> {
    const [library, configured] = await this.#open()
    const proved = await library
      .authorizationCodeGrant(configured, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
      })
      .then(async (tokens) => {
        const claims = tokens.claims()
        if (!claims) throw new Error('there is no ID token')
        // Many providers tell of groups and names by the userinfo endpoint alone (OpenID Connect Core 5.4).
        const more =
          this.#settings.roleClaim in claims || configured.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await library.fetchUserInfo(configured, tokens.access_token, claims.sub)

        return { ...more, ...claims }
      })
      .catch((error: unknown) => {
        throw isOfProvider(error) ? unavailable(error) : refusedBy(error)
      })
    const grants = grantsOf(proved, this.#settings)
    const name = nameOf(proved)
    if (!grants) {
      throw new AccessRefused(
        'sign_in_refused',
        `${name} has none of the values of ${this.#settings.roleClaim} that OIDC_ROLES names.`,
      )
    }

    return { issuer: this.#settings.issuer, id: proved.sub, name, ...grants }
  }

  async #open(): Promise<DiscoveredProvider> {
    this.#discovered ??= discoverProvider(this.#settings)
    try {
      return await this.#discovered
    } catch (error) {
      this.#discovered = undefined
      throw unavailable(error)
    }
  }
}

/** A name that people know the person by; an address counts only when the provider has verified it. */
function nameOf({ preferred_username, email, email_verified, sub }: Readonly<Record<string, unknown>>): string {
  const candidates = [preferred_username, email_verified === false ? undefined : email, sub]
  const name = candidates.find((candidate) => typeof candidate === 'string' && candidate !== '')

  return String(name).slice(0, 100)
}

/** Codes of openid-client for a provider that gives no answer, or none that OpenID Connect knows. */
const unavailableCodes = new Set([
  ...['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_PARSE_ERROR', 'OAUTH_RESPONSE_IS_NOT_JSON'],
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
])

/** Whether the provider is at fault: fetch tells a lost connection by TypeError. */
function isOfProvider(error: unknown): boolean {
  return error instanceof TypeError || unavailableCodes.has(String((error as { code?: unknown }).code))
}

function refusedBy(error: unknown): AccessRefused {
  return new AccessRefused('sign_in_refused', `The OpenID provider did not prove who signs in: ${reasonOf(error)}`)
}

function unavailable(error: unknown): AccessRefused {
  return new AccessRefused(
    'provider_unavailable',
    `The OpenID provider of OIDC_ISSUER does not answer as one does: ${reasonOf(error)}`,
  )
}

/** Rejects when the limit is over; the requests that are left end by their own time-outs. */
async function withinWaitLimit<Result>(result: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(unavailable(new Error(`no whole answer in ${waitLimitMs / 1000} s`)))
    }, waitLimitMs)
  })

  return Promise.race([result, limit]).finally(() => {
    clearTimeout(timer)
  })
}

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
