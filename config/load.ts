import { readFileSync } from 'node:fs'
import { Value } from 'typebox/value'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { build } from './build.ts'
import { ConfigError, mistakesOf, type SettingProblem, type SettingMistake } from './problems.ts'
import { rules } from './rules.ts'
import { FileSchema, type FileSettings, environmentKeys, type SettingKey } from './schema.ts'
import type { Settings } from './settings.ts'

export interface LoadOptions {
  env: Readonly<Record<string, string | undefined>>
  /** Read this file instead of the one that BATON_CONFIG names. */
  file?: string
  /** Whether the log goes to a terminal: it is then pretty unless LOG_FORMAT is set. */
  terminal?: boolean
}

/**
 * The settings: defaults, overridden by the YAML file, overridden by the environment. Throws ConfigError with every mistake
 * at once.
 */
export function loadSettings({ env, file = env.BATON_CONFIG, terminal = false }: LoadOptions): Settings {
  const environment = fromEnvironment(env)
  const written = file ? fromFile(file) : fromEnvironment({})
  const raw = { ...written.values, ...environment.values }
  const mistakes = mistakesOf(FileSchema, withDefaults(raw))

  // The rules check the other settings, with defaults in the place of wrong ones.
  const wrong = new Set(mistakes.map(({ path }) => path[0]))
  const sound = Object.fromEntries(Object.entries(raw).filter(([key]) => !wrong.has(key)))
  const settings = build(withDefaults(sound) as FileSettings, terminal ? 'pretty' : 'json')
  for (const rule of rules) {
    if (!rule.needs.some((key) => wrong.has(key))) mistakes.push(...rule.check(settings))
  }

  const problems = mistakes.map((mistake): SettingProblem => {
    const key = mistake.path[0] ?? ''
    if (Object.hasOwn(environment.values, key)) return environment.report(mistake)
    if (Object.hasOwn(written.values, key)) return written.report(mistake)

    return { ...environment.report(mistake), source: 'default' }
  })
  if (written.faults.length || problems.length) throw new ConfigError([...written.faults, ...problems])

  return settings
}

function withDefaults(raw: Readonly<Record<string, unknown>>): unknown {
  return Value.Default(FileSchema, structuredClone(raw))
}

/** Raw settings of one source, by key, with the place of each. */
interface SettingSource {
  values: Readonly<Record<string, unknown>>
  /** Why the source cannot be read. */
  faults: SettingProblem[]
  /** The mistake with the operator's name for the setting, and its place. */
  report(mistake: SettingMistake): SettingProblem
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): SettingSource {
  const values: Record<string, unknown> = {}
  for (const key of environmentKeys) {
    const text = env[key.toUpperCase()]?.trim()
    if (text) values[key] = asType(key, text)
  }

  return {
    values,
    faults: [],
    report: ({ path, problem, hint }) => ({
      setting: String(path[0]).toUpperCase(),
      source: 'environment',
      problem,
      hint,
    }),
  }
}

function fromFile(file: string): SettingSource {
  const lines = new LineCounter()
  const faulty = (source: string, problem: string): SettingSource => ({
    ...fromEnvironment({}),
    faults: [{ setting: 'BATON_CONFIG', source, problem, hint: 'name a readable YAML file, or unset it' }],
  })

  let document: Document
  try {
    // Pretty errors would quote lines of the file, which may hold secrets.
    document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false })
  } catch (error) {
    return faulty('environment', `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'not a file'})`)
  }
  const [fault] = document.errors
  if (fault) return faulty(`${file} line ${lines.linePos(fault.pos[0]).line}`, `is no YAML (${fault.code})`)
  const values = toMapping(document)
  if (values === undefined) return faulty(file, 'is no mapping of settings')

  return {
    values,
    faults: [],
    report: ({ path, problem, hint }) => {
      const offset = offsetOf(document, path)
      const source = offset === undefined ? file : `${file} line ${lines.linePos(offset).line}`

      return { setting: spell(path), source, problem, hint }
    },
  }
}

function toMapping(document: Document): Record<string, unknown> | undefined {
  let value: unknown
  try {
    value = document.toJS() ?? {}
  } catch {
    return undefined // An alias without its anchor, or too many aliases.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined

  return Object.fromEntries(
    Object.entries(value)
      .filter(([, written]) => written !== null) // `key:` with nothing after it.
      .map(([key, written]: [string, unknown]) => [
        key,
        typeof written === 'string' && isList(key) ? items(written) : written,
      ]),
  )
}

/** A variable's text as the type of its setting; text that does not fit stays text, and the schema refuses it. */
function asType(key: SettingKey, text: string): unknown {
  if (typeOf(key) === 'integer' && /^\d{1,15}$/.test(text)) return Number(text)

  return isList(key) ? items(text) : text
}

/** The items of a comma-separated list. */
function items(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

function isList(key: string): boolean {
  return key !== 'trunks' && typeOf(key) === 'array'
}

function typeOf(key: string): string | undefined {
  return (FileSchema.properties as Record<string, { type?: string }>)[key]?.type
}

/** The offset of the value at `path`, or of its nearest parent in the file. */
function offsetOf(document: Document, path: SettingMistake['path']): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined
    if (node?.range) return node.range[0]
  }

  return undefined
}

function spell(path: SettingMistake['path']): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('')
}
