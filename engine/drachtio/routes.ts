import type { Client } from './client.ts'

/** Which clients take which kind of new request, in turn. */
export class Routes {
  /** By verb in lower case: the clients in the order in which their turns come. */
  readonly #takers = new Map<string, Client[]>()

  /** Asking again changes nothing, so that no client gets two turns. */
  add(verb: string, client: Client): void {
    const takers = this.#takers.get(verb)
    if (!takers) this.#takers.set(verb, [client])
    else if (!takers.includes(client)) takers.push(client)
  }

  remove(verb: string, client: Client): void {
    const takers = this.#takers.get(verb)
    if (!takers) return
    const others = takers.filter((taker) => taker !== client)
    if (others.length > 0) this.#takers.set(verb, others)
    else this.#takers.delete(verb)
  }

  removeClient(client: Client): void {
    for (const verb of [...this.#takers.keys()]) this.remove(verb, client)
  }

  /** Whose turn it is among those that take the verb and, if one is given, own the tag. */
  next(verb: string, tag?: string): Client | undefined {
    const takers = this.#takers.get(verb)
    const at = takers?.findIndex(({ tags }) => tag === undefined || tags.has(tag)) ?? -1
    if (!takers || at < 0) return undefined
    const [client] = takers.splice(at, 1)
    if (client) takers.push(client)

    return client
  }
}
