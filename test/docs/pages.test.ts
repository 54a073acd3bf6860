import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { describe, it } from 'mocha'

const maxBytes = 200_000
const files = readdirSync('docs/pages')

describe('the pictures of the pages', () => {
  it('are all shown in the README in light, and none is missing', () => {
    const shown = [...readFileSync('README.md', 'utf8').matchAll(/src="docs\/pages\/([^"]+)"/g)].map(([, file]) => file)
    assert.deepEqual(
      shown.toSorted(),
      files.filter((file) => !file.endsWith('-dark.png')),
    )
  })

  it('are small', () => {
    const large = files.filter((file) => statSync(`docs/pages/${file}`).size >= maxBytes)
    assert.deepEqual(large, [])
  })
})
