import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const page = new URL('../../../docs/transfers.md', import.meta.url)

describe('docs/transfers.md', () => {
  it('has a test for every row of what the other side does, by its name', () => {
    // Other tables, such as that of webhooks, have other headings.
    const tables = readFileSync(page, 'utf8').split(/\n\s*\n/)
    const rows = tables
      .filter((table) => table.startsWith('| the other side'))
      .flatMap((table) => table.trim().split('\n').slice(2))
    assert.ok(rows.length > 70)
    for (const row of rows) {
      const [, title = '', path = ''] = /\[([^\]]+)\]\((\.\.\/test\/[^)]+)\) +\|$/.exec(row) ?? []
      assert.ok(title, row)
      assert.ok(readFileSync(new URL(path, page), 'utf8').includes(title), `${path} has no test: ${title}`)
    }
  })
})
