import type * as openid from 'openid-client'
import type { OidcSettings, Settings } from '../../config/index.ts'

/** One request to a provider that does not answer is given up after so long. */
const requestTimeoutSeconds = 5

export type DiscoveredProvider = [library: typeof openid, provider: openid.Configuration]

/** A finding of `doctor`. */
interface ProviderFinding {
  check: string
  state: 'ok' | 'failed'
  detail: string
  where?: string
  hint?: string
}

/** Where the provider sends browsers back to. */
export const callbackPath = '/v1/sign-in/oidc/callback'

/** What the provider says of itself (OpenID Connect Discovery 4). Rejects when that is not said by the issuer of the settings. */
export async function discoverProvider({ issuer, clientId, clientSecret }: OidcSettings): Promise<DiscoveredProvider> {
  const library = await import('openid-client')
  // The configuration refuses plain http beyond the loopback.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked to stand out, not to go
  const execute = issuer.startsWith('http:') ? [library.allowInsecureRequests] : []
  const provider = await library.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    ...{ execute, timeout: requestTimeoutSeconds },
  })

  return [library, provider]
}

/** Whether people can sign in by the provider, as a finding of `doctor`; the provider is asked anew. Nothing where there is none. */
export async function checkProvider({ oidc, publicUrl }: Settings['http']): Promise<ProviderFinding[]> {
  return oidc === undefined ? [] : [await findingOf(oidc, publicUrl)]
}

async function findingOf(settings: OidcSettings, publicUrl: string | undefined): Promise<ProviderFinding> {
  const check = 'OpenID provider'
  try {
    const [, provider] = await discoverProvider(settings)
    const { authorization_endpoint: page, token_endpoint: tokens } = provider.serverMetadata()
    if (page === undefined || tokens === undefined) {
      const detail = `${settings.issuer} names no ${page === undefined ? 'authorization_endpoint' : 'token_endpoint'}`

      return { check, state: 'failed', detail, where: 'OIDC_ISSUER', hint: 'Name a provider that has the code flow.' }
    }
    const back =
      publicUrl === undefined ? '' : ` It must know the redirect URI ${new URL(callbackPath, publicUrl).href}.`

    return { check, state: 'ok', detail: `${settings.issuer} answers, and signs people in at ${page}.${back}` }
  } catch (error) {
    return { check, state: 'failed', where: 'OIDC_ISSUER', ...troubleOf(error, settings.issuer) }
  }
}

function troubleOf(error: unknown, issuer: string): { detail: string; hint: string } {
  const named = namedIssuerOf(error)
  if (named !== undefined) {
    return { detail: `the provider at ${issuer} calls itself ${named}`, hint: `Set OIDC_ISSUER to ${named}.` }
  }

  const { cause } = error as Error
  const reason = cause instanceof Response && !cause.ok ? `HTTP ${cause.status}` : reasonOf(error)
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

  return {
    detail: `${address} does not answer as that of an OpenID provider: ${reason}`,
    hint: 'Open that address from this machine, and correct OIDC_ISSUER if it is another. Until then people sign in by password alone.',
  }
}

/** The issuer that the provider's metadata has in place of the expected one (OpenID Connect Discovery 4.3). */
function namedIssuerOf(error: unknown): string | undefined {
  const { body, attribute } = ((error as Error).cause ?? {}) as { body?: { issuer?: unknown }; attribute?: string }

  return attribute === 'issuer' && typeof body?.issuer === 'string' ? body.issuer : undefined
}
/** The error of a request to the provider, in words. */
export function reasonOf(error: unknown): string {
  const {
    message,
    error_description: told,
    cause,
  } = error as {
    message?: string
    error_description?: string
    cause?: { message?: string }
  }
  const why = cause?.message === undefined ? '' : ` (${cause.message})`

  return told ?? `${message ?? String(error)}${why}`
}
