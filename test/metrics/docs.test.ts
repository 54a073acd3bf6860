import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { definitions, engineDefinitions, type Definition } from '../../metrics/index.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const page = read('docs/metrics.md')

/** Rows of the table of alerts, as lists of cells. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

describe('docs/metrics.md', () => {
  it('lists exactly the metrics that exist, with their types and labels', () => {
    const all: Definition[] = [...Object.values(definitions), ...Object.values(engineDefinitions)]
    const expected = all.map(({ name, type, labels, help }) => {
      const names = Object.keys(labels).map((label) => `\`${label}\``)

      return `- \`${name}\`, ${type}${names.length ? ` by ${names.join(', ')}` : ''}: ${help}`
    })
    const listed = page
      .replaceAll('\n  ', ' ')
      .split('\n')
      .filter((line) => /^- `(baton|drachtio)_/.test(line))

    assert.deepEqual(listed.sort(), expected.sort())
  })

  it('lists exactly the alerts that exist, with their severities', () => {
    const { groups } = parse(read('metrics/prometheus/rules.yaml')) as {
      groups: { rules: { alert?: string; labels?: { severity: string } }[] }[]
    }
    const expected = groups.flatMap(({ rules }) =>
      rules.flatMap(({ alert, labels }) => (alert && labels ? `\`${alert}\` ${labels.severity}` : [])),
    )
    const listed = rows
      .filter(([name = '']) => name.startsWith('`Baton'))
      .map(([name, severity]) => `${name} ${severity}`)

    assert.deepEqual(listed, expected)
  })
})
