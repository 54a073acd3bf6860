import type { KeptCall } from '../calls/kept-call.ts'

/** A call as some release has kept it: JSON. */
export type KeptJson = Readonly<Record<string, unknown>>

/** Makes a call of one schema one of the next. */
export type UpgradeStep = (call: KeptJson) => KeptJson

/**
 * By the schema that it begins with, from 1: a release that writes another schema adds its step, and goes on reading all
 * before it. test/server/recovery/journals/ has a journal of each.
 */
const steps: readonly UpgradeStep[] = []

/** Reads the calls of each schema up to its own. */
export class JournalSchemas {
  readonly #steps: readonly UpgradeStep[]

  constructor(upgrades: readonly UpgradeStep[]) {
    this.#steps = upgrades
  }

  /** The schema that is written. */
  get present(): number {
    return this.#steps.length + 1
  }

  reads(schema: number | undefined): schema is number {
    return schema !== undefined && Number.isInteger(schema) && schema >= 1 && schema <= this.present
  }

  /** A call of a schema that this reads; undefined for what is no call. Never throws. */
  callOf(value: unknown, schema: number): KeptCall | undefined {
    if (!isObject(value)) return undefined
    try {
      const call = this.#steps.slice(schema - 1).reduce<KeptJson>((before, step) => step(before), value)

      return isCall(call) ? call : undefined
    } catch {
      // A step of an upgrade has not found what each call of its schema has.
      return undefined
    }
  }
}

export const journalSchemas = new JournalSchemas(steps)

const texts = ['id', 'node', 'project', 'environment', 'trunk', 'state'] as const
const numbers = ['release', 'version', 'startedAt'] as const

/** Whether it has what each call has: without it, the calls beside it could not be taken up either. */
function isCall(call: KeptJson): call is KeptJson & KeptCall {
  const { invite, legs } = call

  return (
    texts.every((name) => typeof call[name] === 'string') &&
    numbers.every((name) => typeof call[name] === 'number') &&
    isObject(invite) &&
    typeof invite.bytes === 'string' &&
    isObject(invite.source) &&
    isObject(legs) &&
    isObject(legs.caller)
  )
}

/** Whether it is an object of JSON, no list. */
export function isObject(value: unknown): value is KeptJson {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
