import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const client = { id: 'baton', secret: 'a-secret-of-the-client' }

/** An OpenID provider that answers as the test says, also wrongly, as no real one can be made to. */
export class OpenIdProvider {
  /** Claims of the next ID token, over the right ones. */
  claims: Record<string, unknown> = {}
  /** The status with which all requests are refused. */
  trouble: number | undefined
  /** Requests are taken, and never answered. */
  hangs = false
  readonly #server: Server
  readonly #key = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #codes = new Map<string, { nonce: string; challenge: string; redirectUri: string }>()

  static async start(port = 0): Promise<OpenIdProvider> {
    const provider = new OpenIdProvider()
    provider.#server.listen(port, '127.0.0.1')
    await once(provider.#server, 'listening')

    return provider
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What the browser brings back from the page of the provider that `location` leads to. */
  consent(location: string): URLSearchParams {
    const asked = new URL(location).searchParams
    const code = `code-${this.#codes.size}`
    const [nonce = '', challenge = '', redirectUri = ''] = ['nonce', 'code_challenge', 'redirect_uri'].map(
      (name) => asked.get(name) ?? '',
    )
    this.#codes.set(code, { nonce, challenge, redirectUri })

    return new URLSearchParams({ code, state: asked.get('state') ?? '', iss: this.issuer })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const give = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (this.hangs) return
    if (this.trouble !== undefined) {
      give(this.trouble, {})
      return
    }
    if (request.url === '/.well-known/openid-configuration') {
      give(200, {
        ...{
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/auth`,
          token_endpoint: `${this.issuer}/token`,
        },
        ...{ jwks_uri: `${this.issuer}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'] },
        id_token_signing_alg_values_supported: ['RS256'],
      })
    } else if (request.url === '/jwks') {
      give(200, { keys: [{ ...this.#key.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] })
    } else {
      const form = new URLSearchParams(await textOf(request))
      const asked = this.#codes.get(form.get('code') ?? '')
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      // A code is good once (RFC 6749 4.1.2), and with the verifier of its challenge (RFC 7636 4.6).
      this.#codes.delete(form.get('code') ?? '')
      if (asked?.challenge !== challenge || asked.redirectUri !== form.get('redirect_uri')) {
        give(400, { error: 'invalid_grant' })
      } else give(200, { access_token: 'x', token_type: 'bearer', id_token: this.#idToken(asked.nonce) })
    }
  }

  #idToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      ...{ iss: this.issuer, aud: client.id, sub: 'subject-1', preferred_username: 'ann', groups: ['admins'] },
      ...{ nonce, iat: now, exp: now + 300, ...this.claims },
    }
    const parts = [{ alg: 'RS256', kid: 'one' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const text = parts.join('.')

    return `${text}.${sign('sha256', Buffer.from(text), this.#key.privateKey).toString('base64url')}`
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += String(part)

  return text
}
