import type { Application } from './protocol/application.ts'
import type { DeliveredRequest } from './delivered-request.ts'
import type { ApplicationRequest } from './application-request.ts'

/** Requests on their way, by the transaction id that applications know them by. */
export class PendingRequests {
  readonly #incoming = new Map<string, DeliveredRequest>()
  readonly #outgoing = new Map<string, ApplicationRequest>()

  get size(): number {
    return this.#incoming.size + this.#outgoing.size
  }

  addDelivered(incoming: DeliveredRequest): void {
    this.#incoming.set(incoming.key, incoming)
  }

  removeDelivered(incoming: DeliveredRequest): void {
    this.#incoming.delete(incoming.key)
  }

  /** The request that a response is for. An UPDATE in an early dialog goes by the id of its INVITE. */
  delivered(id: string, method: string): DeliveredRequest | undefined {
    return method === 'UPDATE' ? (this.#incoming.get(updateKey(id)) ?? this.#incoming.get(id)) : this.#incoming.get(id)
  }

  addSent(outgoing: ApplicationRequest): void {
    this.#outgoing.set(outgoing.id, outgoing)
  }

  removeSent(outgoing: ApplicationRequest): void {
    this.#outgoing.delete(outgoing.id)
  }

  sent(id: string): ApplicationRequest | undefined {
    return this.#outgoing.get(id)
  }

  /** Everything of an application that is gone. */
  abandon(application: Application): void {
    for (const incoming of [...this.#incoming.values()]) if (incoming.application === application) incoming.abandon()
    for (const outgoing of [...this.#outgoing.values()]) if (outgoing.application === application) outgoing.abandon()
  }
}

/** Where an UPDATE is kept that came while the INVITE with this id waits. */
export const updateKey = (inviteId: string): string => `${inviteId} UPDATE`
