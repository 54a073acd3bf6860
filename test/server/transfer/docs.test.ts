import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const page = new URL('../../../docs/transfers.md', import.meta.url)

describe('docs/transfers.md', () => {
  it('has a test for every row, by its name', () => {
    const rows = readFileSync(page, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (?:---|the other side)/.test(line))
    assert.ok(rows.length > 70)
    for (const row of rows) {
      const [, title = '', path = ''] = /\[([^\]]+)\]\((\.\.\/test\/[^)]+)\) +\|$/.exec(row) ?? []
      assert.ok(title, row)
      assert.ok(readFileSync(new URL(path, page), 'utf8').includes(title), `${path} has no test: ${title}`)
    }
  })
})
