import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

describe('the page on the first scenario', () => {
  const page = readFileSync('docs/first-scenario.md', 'utf8')

  it('shows the scenario as its author writes it, without the text of its parts', () => {
    const file = readFileSync('sipp-scenarios/uac-options-answered.xml', 'utf8')
    const written = file.replace(/(<!-- part .* -->\n)[\s\S]*?<!-- end part -->\n/g, '$1')

    assert.ok(page.includes(`\`\`\`xml\n${written}\`\`\``))
  })

  it('shows the test that plays it', () => {
    assert.ok(page.includes(`\`\`\`ts\n${readFileSync('test/e2e/first-scenario.test.ts', 'utf8')}\`\`\``))
  })
})
