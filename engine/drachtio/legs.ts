import type { Client } from './client.ts'
import type { Leg } from './leg.ts'

/** How clients know a dialog, whoever sends in it: by the tag in the From of the request that made it. */
export const legId = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`

/** The dialogs of all clients, by the id that they have for clients. */
export class Legs {
  readonly #legs = new Map<string, Leg>()

  get size(): number {
    return this.#legs.size
  }

  add(leg: Leg): void {
    this.#legs.set(leg.id, leg)
  }

  remove(leg: Leg): void {
    if (this.#legs.get(leg.id) === leg) this.#legs.delete(leg.id)
  }

  get(id: string): Leg | undefined {
    return this.#legs.get(id)
  }

  of(client: Client): Leg[] {
    return [...this.#legs.values()].filter((leg) => leg.client === client)
  }

  /** How many are confirmed: those that peers began, and those that we did. */
  stable(): { inbound: number; outbound: number } {
    const count = { inbound: 0, outbound: 0 }
    for (const leg of this.#legs.values()) {
      if (leg.isConfirmed && leg.report) count[leg.report.isInbound ? 'inbound' : 'outbound'] += 1
    }

    return count
  }
}
