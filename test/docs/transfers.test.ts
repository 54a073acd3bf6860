import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const page = 'docs/transfers.md'

describe('the page on transfers', () => {
  it('has a test for each thing that the other side does, by its name', () => {
    const text = readFileSync(page, 'utf8')
    const paths = new Map(
      [...text.matchAll(/^\[([\w-]+)\]: \.\.\/(test\/\S+)$/gm)].map(([, name, path]) => [name, path]),
    )
    const [calls = ''] = text.split('\n## Webhooks\n')
    const items = calls.split(/\n(?:\n|(?=- ))/).filter((item) => item.startsWith('- **'))
    assert.ok(items.length > 170)
    for (const item of items) {
      const tests = [...item.replace(/\s+/g, ' ').matchAll(/\[([^\]]+)\]\[([\w-]+)\]/g)]
      assert.ok(tests.length > 0, item)
      for (const [, title = '', name = ''] of tests) {
        const path = paths.get(name)
        assert.ok(path !== undefined, `${page} does not say where ${name} is`)
        assert.ok(readFileSync(path, 'utf8').includes(title), `${path} has no test: ${title}`)
      }
    }
  })
})
