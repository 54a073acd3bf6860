/** Connections of one address that have not authenticated; those beyond are closed as they come. */
const maxPerSource = 64
/** Connections of all addresses that have not authenticated: half of those that a port takes remain for applications. */
const maxInAll = 500

/** The other end of a connection. */
export interface Peer {
  readonly address: string
  /** `address:port`. */
  readonly name: string
}

/** Counts the connections to an application port from their acceptance, TLS handshake included, until they authenticate. */
export class Unauthenticated {
  /** Names of peers. */
  readonly #pending = new Set<string>()
  readonly #perSource = new Map<string, number>()

  /** False when the connection is one too many. */
  admit({ address, name }: Peer): boolean {
    const ofSource = this.#perSource.get(address) ?? 0
    if (ofSource >= maxPerSource || this.#pending.size >= maxInAll) return false
    this.#pending.add(name)
    this.#perSource.set(address, ofSource + 1)

    return true
  }

  /** The connection has authenticated, or is gone. Idempotent. */
  release({ address, name }: Peer): void {
    if (!this.#pending.delete(name)) return
    const ofSource = (this.#perSource.get(address) ?? 1) - 1
    if (ofSource === 0) this.#perSource.delete(address)
    else this.#perSource.set(address, ofSource)
  }
}
