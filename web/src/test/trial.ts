import { environmentNames, type EnvironmentName, type Table } from '../api/client'

/** A trial: a handoff of what runs, of the draft or of a version, for a call that the person describes. */
export interface Trial {
  /** '' for all of them. */
  handoff: string
  environment: EnvironmentName
  /** '' for what runs, `draft`, or a version's number. */
  table: string
  caller: string
  called: string
  /** In the reader's own time, as the field has it. */
  at: string
  variables: string
  /** Seconds that caller and agent talk first; '' for none. */
  talk: string
  /** Whether Baton plays the destination, too. */
  isSynthetic: boolean
}

/** The first handoff, in the Sandbox where there is one. */
export function firstTrial({ handoffs }: Table, environments: readonly string[]): Trial {
  return {
    handoff: handoffs[0]?.name ?? '',
    environment: environmentNames.find((name) => environments.includes(name)) ?? 'sandbox',
    table: '',
    caller: '+14155550123',
    called: '',
    at: '',
    variables: '',
    talk: '',
    isSynthetic: true,
  }
}

/** The table and the moment of a trial, as the API takes them. */
export function tableAndMoment({ table, at }: Trial): { draft?: boolean; version?: number; at?: string } {
  const version = table === '' || table === 'draft' ? {} : { version: Number(table) }

  return {
    ...version,
    ...(table === 'draft' && { draft: true }),
    ...(at !== '' && { at: new Date(at).toISOString() }),
  }
}

/** The variables of `name=value` lines. */
export function variablesOf({ variables }: Trial): Record<string, string> {
  const pairs = variables
    .split('\n')
    .map((line) => line.split('='))
    .filter(([name = '', ...value]) => name.trim() !== '' && value.length > 0)

  return Object.fromEntries(pairs.map(([name = '', ...value]) => [name.trim(), value.join('=').trim()]))
}
