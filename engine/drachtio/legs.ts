import type { Clock } from '../transaction/index.ts'
import type { Client } from './client.ts'
import type { Leg } from './leg.ts'

/** How clients know a dialog, whoever sends in it: by the tag in the From of the request that made it. */
export const legId = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`

/** How long after the end of a call a NOTIFY of a client's REFER is still handed on. Milliseconds. */
const patience = 2000

/** The dialogs of all clients, by the id that they have for clients. */
export class Legs {
  readonly #legs = new Map<string, Leg>()
  /** Calls that are over, in which a client has sent REFER. */
  readonly #late = new Map<string, Leg>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#legs.size
  }

  add(leg: Leg): void {
    this.#legs.set(leg.id, leg)
  }

  remove(leg: Leg): void {
    if (this.#legs.get(leg.id) !== leg) return
    this.#legs.delete(leg.id)
    if (!leg.hasReferred) return
    this.#late.set(leg.id, leg)
    this.#clock.after(patience, () => this.#late.delete(leg.id))
  }

  get(id: string): Leg | undefined {
    return this.#legs.get(id)
  }

  /** RFC 5057 2: a REFER's subscription outlives the call. */
  ended(id: string): Leg | undefined {
    return this.#late.get(id)
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
