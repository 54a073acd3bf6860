import assert from 'node:assert/strict'
import { defined } from '../../base/defined.ts'

describe('the defined properties of an object', () => {
  it('are those whose value is not undefined, in their order', () => {
    const copy = defined({ a: undefined, b: null, c: 0, d: '', e: false })

    assert.deepEqual(Object.entries(copy), [
      ['b', null],
      ['c', 0],
      ['d', ''],
      ['e', false],
    ])
  })

  it('leave the object as it is', () => {
    const given = { a: undefined }
    defined(given)

    assert.deepEqual(Object.keys(given), ['a'])
  })
})
