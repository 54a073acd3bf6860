import assert from 'node:assert/strict'
import fc from 'fast-check'
import { canonicalJson, digestOf } from '../../base/canonical-json.ts'

/** The same value with the names of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered)
  if (typeof value !== 'object' || value === null) return value

  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reordered(inner)]),
  )
}

describe('the digest of a table', () => {
  it('does not depend on the order of names, and says the same as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        assert.equal(digestOf(reordered(value)), digestOf(value))
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('depends on the order of lists, and on everything else', () => {
    assert.notEqual(digestOf({ a: [1, 2] }), digestOf({ a: [2, 1] }))
    assert.notEqual(digestOf({ a: '1' }), digestOf({ a: 1 }))
    assert.equal(digestOf({ a: undefined }), digestOf({}))
  })
})
