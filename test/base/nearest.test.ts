import assert from 'node:assert/strict'
import { nearest } from '../../base/nearest.ts'

describe('the nearest word', () => {
  const words = ['front-desk', 'duty-manager', 'sales']

  it('is the one with the fewest edits, in any case', () => {
    assert.equal(nearest('Front-dsk', words), 'front-desk')
    assert.equal(nearest('salse', ['sale', 'sales']), 'sale')
  })

  it('is at most two edits away, and at most a third of the letters', () => {
    assert.equal(nearest('front-dsek', words), 'front-desk')
    assert.equal(nearest('fron-dskk1', words), undefined)
    assert.equal(nearest('sa', words), undefined)
    assert.equal(nearest('sale', words), 'sales')
  })

  it('is as far away as the caller allows', () => {
    assert.equal(
      nearest('dutymanagr', words, () => 2),
      'duty-manager',
    )
    assert.equal(
      nearest('dutymanagr', words, () => 1),
      undefined,
    )
  })
})
