import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { nearest } from '../base/nearest.ts'
import { withoutOtherMembers } from '../base/typebox.ts'

/** One mistake in the configuration. */
export interface SettingProblem {
  /** The operator's name for it: `SIP_LISTEN`, or `trunks[0].peers[1]` of the file. */
  setting: string
  /** `environment`, or the file with its line. */
  source: string
  problem: string
  /** A correction. */
  hint: string
}

/** Stops the start. Its message lists every mistake, one in each line. */
export class ConfigError extends Error {
  readonly problems: readonly SettingProblem[]

  constructor(problems: readonly SettingProblem[]) {
    const lines = problems.map(({ setting, source, problem, hint }) => `  ${setting} (${source}): ${problem}; ${hint}`)
    super(
      `The configuration has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}:\n${lines.join('\n')}`,
    )
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** A mistake in a document; its path has the keys and indices from the root. */
export interface SettingMistake {
  path: (string | number)[]
  problem: string
  hint: string
}

/** Every mistake that the schema finds in a document. */
export function mistakesOf(schema: TSchema, document: unknown): SettingMistake[] {
  return withoutOtherMembers(Value.Errors(schema, document)).flatMap((error): SettingMistake[] => {
    const at = pathOf(error.instancePath)
    const rule = schemaAt(schema, error.schemaPath)
    if (error.keyword === 'boolean') return [] // `additionalProperties` reports each unknown key, too.
    if (error.keyword === 'additionalProperties') {
      return error.params.additionalProperties.map((key) =>
        unknownKey([...at, key], key, Object.keys(rule.properties ?? {})),
      )
    }
    if (error.keyword === 'required') {
      return error.params.requiredProperties.map((key) => {
        return { path: [...at, key], problem: 'is missing', hint: `give ${rule.properties?.[key]?.wanted ?? 'it'}` }
      })
    }

    return [
      {
        path: at,
        problem: describe(rule, Value.Pointer.Get(document, error.instancePath)),
        hint: `give ${rule.wanted ?? 'another'}`,
      },
    ]
  })
}

/** The parts of a schema that messages are made of. */
interface SchemaNode {
  wanted?: string
  secret?: boolean
  minItems?: number
  enum?: string[]
  properties?: Record<string, SchemaNode>
}

// Names of settings are long: a third of the letters may differ, and one of a short name.
const aThird = (_: string, candidate: string): number => Math.max(1, Math.floor(candidate.length / 3))

function describe(rule: SchemaNode, value: unknown): string {
  if (rule.secret) return 'cannot be used (its value is not shown)'
  if (Array.isArray(value) && value.length < (rule.minItems ?? 0)) return 'is empty'
  const guess = typeof value === 'string' ? nearest(value, rule.enum ?? [], aThird) : undefined

  return `${show(value)} cannot be used${guess === undefined ? '' : ` (did you mean ${guess}?)`}`
}

function unknownKey(path: (string | number)[], key: string, known: string[]): SettingMistake {
  const guess = nearest(key, known, aThird)

  return {
    path,
    problem: 'is no setting',
    hint: guess === undefined ? `known here are ${known.join(', ')}` : `did you mean ${guess}?`,
  }
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a mapping' // Secrets may be in its content.
  const text = JSON.stringify(value)

  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function pathOf(pointer: string): (string | number)[] {
  return Value.Pointer.Indices(pointer).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** The schema at a path such as `#/properties/trunks/items`; empty for an unknown key, which has none. */
function schemaAt(schema: TSchema, schemaPath: string): SchemaNode {
  return Value.Pointer.Get(schema, schemaPath.replace(/^#/, '')) ?? {}
}
