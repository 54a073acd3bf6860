import type { Socket } from 'node:net'
import type { TransportSettings } from './settings.ts'
import { sourceKey } from './sources.ts'

/** Strangers together hold at most this share of a listener's connections: the rest is for those that we know. */
const strangersShare = 0.5

/** Counts the connections that one listener has taken, by where they come from. */
export class ConnectionLimits {
  readonly #settings: TransportSettings
  readonly #counts = new Map<string, number>()
  #strangers = 0

  constructor(settings: TransportSettings) {
    this.#settings = settings
  }

  /** Whether there is room for one more connection from where this one comes; it is counted until it closes. */
  take(socket: Socket): boolean {
    const { sources, maxConnections } = this.#settings
    const { remoteAddress } = socket
    if (!sources || remoteAddress === undefined) return true
    const owner = sources.ownerOf(remoteAddress)
    const isStranger = owner === undefined
    const key = sourceKey(remoteAddress, owner)
    const count = this.#counts.get(key) ?? 0
    const { connections } = sources.limitsOf(owner)
    if (connections > 0 && count >= connections) return false
    if (isStranger && this.#strangers >= Math.max(1, maxConnections * strangersShare)) return false
    this.#counts.set(key, count + 1)
    if (isStranger) this.#strangers++
    socket.once('close', () => {
      if (isStranger) this.#strangers--
      const left = (this.#counts.get(key) ?? 1) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    })

    return true
  }
}
