import type { Client } from './client.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'

/** Requests on their way, by the transaction id that clients know them by. */
export class Transactions {
  readonly #incoming = new Map<string, Incoming>()
  readonly #outgoing = new Map<string, Outgoing>()

  get size(): number {
    return this.#incoming.size + this.#outgoing.size
  }

  addIncoming(incoming: Incoming): void {
    this.#incoming.set(incoming.key, incoming)
  }

  removeIncoming(incoming: Incoming): void {
    this.#incoming.delete(incoming.key)
  }

  /** The request that a response is for. An UPDATE in an early dialog goes by the id of its INVITE. */
  incoming(id: string, method: string): Incoming | undefined {
    return method === 'UPDATE' ? (this.#incoming.get(updateKey(id)) ?? this.#incoming.get(id)) : this.#incoming.get(id)
  }

  addOutgoing(outgoing: Outgoing): void {
    this.#outgoing.set(outgoing.id, outgoing)
  }

  removeOutgoing(outgoing: Outgoing): void {
    this.#outgoing.delete(outgoing.id)
  }

  outgoing(id: string): Outgoing | undefined {
    return this.#outgoing.get(id)
  }

  /** Everything of a client that is gone. */
  abandon(client: Client): void {
    for (const incoming of [...this.#incoming.values()]) if (incoming.client === client) incoming.abandon()
    for (const outgoing of [...this.#outgoing.values()]) if (outgoing.client === client) outgoing.abandon()
  }
}

/** Where an UPDATE is kept that came while the INVITE with this id waits. */
export const updateKey = (inviteId: string): string => `${inviteId} UPDATE`
