import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BoundedMap } from '../../engine/index.ts'

describe('a map with a bound', () => {
  it('lets the oldest key go for a new one', () => {
    const map = new BoundedMap<number>(3)
    for (const [at, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, at)

    assert.deepEqual([...map], [...new Map([['b', 1], ['c', 2], ['d', 3]])]) // prettier-ignore
  })

  it('takes a key that is set again for the newest', () => {
    const map = new BoundedMap<number>(2)
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4)

    assert.deepEqual([...map.keys()], ['a', 'c'])
    assert.equal(map.get('a'), 3)
  })

  it('holds the keys that were set last, as many as its bound allows, whatever was set and deleted', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), isDeleted: fc.boolean() })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (max, steps) => {
        const map = new BoundedMap<number>(max)
        let expected: [string, number][] = []
        for (const [at, { key, isDeleted }] of steps.entries()) {
          expected = expected.filter(([each]) => each !== key)
          if (isDeleted) map.delete(key)
          else {
            map.set(key, at)
            expected = [...expected, [key, at] as [string, number]].slice(-max)
          }
          assert.deepEqual([...map], expected)
        }
      }),
    )
  })
})
