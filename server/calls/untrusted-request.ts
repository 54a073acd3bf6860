import type { SipHeader, SipAddress, SipRequest } from '../sip/stack.ts'

/**
 * A request of an untrusted trunk (`trust: false`), without the headers that assert an identity or imitate Baton's: RFC 3325 5
 * has P-Asserted-Identity from outside the trust domain removed. From remains.
 */
export class UntrustedRequest implements SipRequest {
  readonly #request: SipRequest

  constructor(request: SipRequest) {
    this.#request = request
  }

  get method(): string {
    return this.#request.method
  }

  get uri(): string {
    return this.#request.uri
  }

  get source(): SipAddress {
    return this.#request.source
  }

  get callId(): string {
    return this.#request.callId
  }

  get bytes(): string | undefined {
    return this.#request.bytes
  }

  get body(): string {
    return this.#request.body
  }

  get passedOver(): readonly string[] {
    return this.#request.passedOver ?? []
  }

  header(name: string): string | undefined {
    return isClaim(name) ? undefined : this.#request.header(name)
  }

  headers(name: string): readonly string[] {
    return isClaim(name) ? [] : this.#request.headers(name)
  }

  entries(isWanted: (name: string) => boolean = () => true): readonly SipHeader[] {
    return this.#request.entries((name) => isWanted(name) && !isClaim(name))
  }
}

const claims = new Set([
  'p-asserted-identity',
  'p-preferred-identity',
  'p-called-party-id',
  'p-charge-info',
  'remote-party-id',
  'diversion',
  'cc-diversion',
  'history-info',
  'call-info',
])

/** Some gateways take `_` for `-` in a header's name. */
function isClaim(name: string): boolean {
  const spelled = name.toLowerCase().replaceAll('_', '-')

  return claims.has(spelled) || spelled.startsWith('x-baton-')
}
