import type { Trunk } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { TrunkMemory } from '../transfer/trunk-memory.ts'
import type { Refused, TrunkView } from './trunk-view.ts'

export interface TrunkBookParts {
  trunks: readonly Trunk[]
  memory: Readonly<Record<Refused, TrunkMemory>>
  clock: Pick<Clock, 'now'>
}

/** The trunks as the API sees them: their gateways, and what they are remembered to have refused. */
export class TrunkBook {
  readonly #parts: TrunkBookParts

  constructor(parts: TrunkBookParts) {
    this.#parts = parts
  }

  list(): TrunkView[] {
    return this.#parts.trunks.map((trunk) => this.#view(trunk))
  }

  /** Forgets what a trunk has refused, so that the next caller tries it again. Undefined when there is no such trunk. */
  forget(name: string): TrunkView | undefined {
    const trunk = this.#parts.trunks.find((one) => one.name === name)
    if (!trunk) return undefined
    const { refer, srtp } = this.#parts.memory
    for (const memory of [refer, srtp]) memory.forget(name)

    return this.#view(trunk)
  }

  #view({ name, peers, gateways, numberFormat, refer, referMemory, srtpMemory }: Trunk): TrunkView {
    return {
      ...{ name, peers, gateways: gateways.map((uri) => ({ uri })), numberFormat, refer, referMemory, srtpMemory },
      memory: [...this.#refusals('refer', name), ...this.#refusals('srtp', name)],
    }
  }

  #refusals(refused: Refused, trunk: string): TrunkView['memory'] {
    const { memory, clock } = this.#parts
    const sinceEpoch = Date.now() - clock.now()

    return memory[refused].refusalsOf(trunk).map(({ target, what, until }) => ({
      refused,
      ...(target !== undefined && { target }),
      what,
      until: new Date(until + sinceEpoch).toISOString(),
    }))
  }
}
