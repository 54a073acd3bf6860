import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { environmentKeys, FileSchema, TrunkSchema } from '../../config/schema.ts'

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

/** The names of the list under a heading, with their defaults: "- `NAME` = `default`: …". */
function listed(heading: string): [name: string, fallback: string][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split(/\n###? How|\n## /)[0] ?? ''

  return [...section.matchAll(/^- `(\w+)`(?: = `([^`]*)`)?:/gm)].map(([, name = '', fallback = '']) => [name, fallback])
}

describe('docs/configuration.md', () => {
  it('lists exactly the settings that exist, with their defaults', () => {
    const expected = environmentKeys.map((key) => {
      const { default: fallback } = FileSchema.properties[key] as { default?: string | number | string[] }

      return [key.toUpperCase(), String(fallback ?? '')]
    })

    assert.deepEqual(listed('Settings').sort(), [['BATON_CONFIG', ''], ...expected].sort())
  })

  it('lists exactly the fields of a trunk, with their defaults', () => {
    const properties = Object.entries(TrunkSchema.properties as Record<string, { default?: unknown }>)
    const expected = properties.map(([field, { default: fallback }]) => [
      field,
      fallback === undefined ? '' : show(fallback),
    ])
    const limits = TrunkSchema.properties.header_limits.properties as Record<string, { default?: unknown }>
    const shown = Object.entries(limits).map(([field, { default: value }]) => `${field}: ${String(value)}`)

    assert.deepEqual(
      listed('Trunks'),
      expected.map(([field, value]) => [field, field === 'header_limits' ? `{ ${shown.join(', ')} }` : value]),
    )
  })
})

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
