import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mergedOver } from '../../web/src/fields/compare.ts'

describe('an edit that is saved after another person changed the same thing', () => {
  it('has the fields that the person changed, and what is stored of all others', () => {
    const base = { name: 'front-desk', route: 'sip:a@127.0.0.1', ring_timeout: 20, description: 'Reception' }
    const stored = { name: 'front-desk', route: 'sip:b@127.0.0.1', ring_timeout: 25, encryption: 'srtp' }
    const edited = { name: 'front-desk', route: 'sip:a@127.0.0.1', ring_timeout: 30, description: 'Reception' }
    assert.deepEqual(mergedOver(base, stored, edited), {
      ...{ name: 'front-desk', route: 'sip:b@127.0.0.1', ring_timeout: 30, encryption: 'srtp' },
    })
  })

  it('takes away what the person took away, and brings back nothing that was deleted', () => {
    assert.deepEqual(mergedOver({ a: 1, b: 2 }, { a: 3, b: 2 }, { b: 2 }), { b: 2 })
    assert.deepEqual(mergedOver({ a: 1, b: 2 }, { b: 2 }, { a: 1, b: 4 }), { b: 4 })
  })

  it('is what is stored where the person changed nothing, and the edit where the other person changed nothing', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer())
    fc.assert(
      fc.property(values, values, (base, other) => {
        assert.deepEqual(mergedOver(base, other, base), { ...other })
        assert.deepEqual(mergedOver(base, base, other), { ...other })
      }),
    )
  })
})
