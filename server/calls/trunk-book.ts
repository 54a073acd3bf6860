import { Type, type Static } from 'typebox'

import { choiceFields } from '../../base/choice-schema.ts'
import { defined } from '../../base/defined.ts'
import type { Trunk } from '../../config/index.ts'
import { isoTime } from '../../engine/index.ts'
import type { DailyCaps } from '../limits/index.ts'
import type { SipAddress } from '../sip/stack.ts'
import { refusableFeatures, type RefusedFeature, type TrunkMemories } from '../transfer/trunk-memory.ts'

export interface TrunkBookParts {
  trunks: readonly Trunk[]
  memory: TrunkMemories
  /** What is used of the trunks' caps; none when left out. */
  caps?: Pick<DailyCaps, 'list' | 'resetsAt'> | undefined
  /** Where carriers reach Baton. */
  addresses: () => readonly SipAddress[]
}

/** The trunks for the API: their settings, and their remembered refusals. */
export class TrunkBook {
  readonly #parts: TrunkBookParts

  constructor(parts: TrunkBookParts) {
    this.#parts = parts
  }

  addresses(): SipAddress[] {
    return [...this.#parts.addresses()]
  }

  list(): TrunkView[] {
    return this.#parts.trunks.map((trunk) => this.#view(trunk))
  }

  /** Forgets the refusals of a trunk: the next call tries again. Undefined when there is no such trunk. */
  forget(name: string): TrunkView | undefined {
    const trunk = this.#parts.trunks.find((one) => one.name === name)
    if (!trunk) return undefined
    const { refer, srtp } = this.#parts.memory
    for (const memory of [refer, srtp]) memory.forget(name)

    return this.#view(trunk)
  }

  #view({ name, peers, gateways, choices, numberFormat, refer, referMemory, srtpMemory }: Trunk): TrunkView {
    const shown = choices?.all.map(({ weight, limit, ...choice }) => ({ ...choice, ...defined({ weight, limit }) }))

    return {
      ...{ name, peers, gateways: shown ?? gateways.map((uri) => ({ uri })) },
      ...{ numberFormat, refer, referMemory, srtpMemory },
      caps: this.#capsOf(name),
      memory: [...this.#refusals('refer', name), ...this.#refusals('srtp', name)],
    }
  }

  #capsOf(name: string): TrunkView['caps'] {
    const { caps } = this.#parts
    if (!caps) return []
    const resetsAt = new Date(caps.resetsAt).toISOString()

    return caps
      .list()
      .filter(({ trunk }) => trunk === name)
      .map(({ prefix, callsPerDay, used }) => ({ prefix, callsPerDay, used, resetsAt }))
  }

  #refusals(refused: RefusedFeature, trunk: string): TrunkView['memory'] {
    return this.#parts.memory[refused].refusalsOf(trunk).map(({ target, what, until }) => ({
      refused,
      ...defined({ target }),
      what,
      until: isoTime(until),
    }))
  }
}

/** A trunk as the API shows it. Its credentials are never shown. */
export const TrunkView = Type.Object({
  name: Type.String(),
  peers: Type.Array(Type.String({ description: 'CIDR ranges whose requests belong to it' })),
  gateways: Type.Array(Type.Object({ uri: Type.String(), ...choiceFields }), { description: 'In order of preference' }),
  numberFormat: Type.String(),
  refer: Type.Boolean({ description: 'Whether its callers can be moved by REFER, as its settings say' }),
  referMemory: Type.Number({ description: 'Seconds that its refusal of REFER is remembered' }),
  srtpMemory: Type.Number({ description: 'Seconds that a refusal of SRTP by a gateway or host is remembered' }),
  caps: Type.Array(
    Type.Object({
      prefix: Type.String({ description: 'The beginning of the numbers that it is for', examples: ['+44'] }),
      callsPerDay: Type.Integer(),
      used: Type.Integer({
        description: 'Calls of the day (UTC) that were answered or are being set up, of all Batons of one Redis',
      }),
      resetsAt: Type.String({ format: 'date-time', description: 'When the day ends' }),
    }),
    { description: 'How many calls a day it may be sent, the longest prefix first' },
  ),
  memory: Type.Array(
    Type.Object({
      refused: Type.Enum(refusableFeatures),
      target: Type.Optional(
        Type.String({ description: 'The gateway or host that refused it; the whole trunk without' }),
      ),
      what: Type.String({ description: 'The refusal, such as 403 Forbidden' }),
      until: Type.String({
        format: 'date-time',
        description: 'Until when it is remembered: callers are bridged at once',
      }),
    }),
    { description: 'What it has refused lately' },
  ),
})
export type TrunkView = Static<typeof TrunkView>
