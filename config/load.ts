import { Value } from 'typebox/value'
import { build } from './build.ts'
import { ConfigError, mistakesOf, type SettingProblem } from './problems.ts'
import { rules } from './rules.ts'
import { FileSchema, type FileSettings } from './schema.ts'
import type { Settings } from './settings.ts'
import { fromEnvironment, fromFile } from './source.ts'

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
