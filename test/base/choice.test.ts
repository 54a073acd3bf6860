import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Choices, sharesInWords, type WrittenChoice } from '../../base/choice.ts'

const written = fc.uniqueArray(
  fc.record(
    { uri: fc.webUrl(), priority: fc.integer({ min: 0, max: 3 }), weight: fc.integer({ min: 0, max: 9 }) },
    { requiredKeys: ['uri'] },
  ),
  { selector: ({ uri }) => uri, maxLength: 8 },
)
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const place = ({ priority = 0 }: { priority?: number }): number => priority

describe('Choices among gateways and agents', () => {
  it('try each once, and never a higher priority number before a lower one', () => {
    fc.assert(
      fc.property(written, fc.array(random, { minLength: 1 }), (list, values) => {
        let drawn = 0
        const ordered = new Choices(list).ordered(() => values[drawn++ % values.length] ?? 0)
        assert.deepEqual(ordered.map(({ uri }) => uri).toSorted(), list.map(({ uri }) => uri).toSorted())
        const priorities = ordered.map(place)
        assert.deepEqual(
          priorities,
          priorities.toSorted((a, b) => a - b),
        )
      }),
    )
  })

  it('keep the order of the list where no weight is given', () => {
    fc.assert(
      fc.property(written, random, (list, value) => {
        const plain: WrittenChoice[] = list.map(({ uri }, i) => (i % 2 === 0 ? uri : { uri }))
        assert.deepEqual(
          new Choices(plain).ordered(() => value).map(({ uri }) => uri),
          list.map(({ uri }) => uri),
        )
      }),
    )
  })

  it('put each first in proportion to its weight', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(weights, (given) => {
        const choices = new Choices(given.map((weight, i) => ({ uri: `sip:${i}`, weight })))
        const total = given.reduce((sum, weight) => sum + weight, 0)
        const first = new Map<string, number>()
        for (let ticket = 0; ticket < total; ticket++) {
          const [{ uri } = assert.fail('nothing is chosen')] = choices.ordered(() => (ticket + 0.5) / total)
          first.set(uri, (first.get(uri) ?? 0) + 1)
        }
        assert.deepEqual(
          given.map((_, i) => first.get(`sip:${i}`)),
          given,
        )
      }),
    )
  })

  it('leave a weight of 0 for the end (RFC 2782)', () => {
    const choices = new Choices([
      { uri: 'sip:spare', weight: 0 },
      { uri: 'sip:main', weight: 1 },
    ])
    assert.deepEqual(
      choices.ordered(() => 0.01).map(({ uri }) => uri),
      ['sip:main', 'sip:spare'],
    )
  })

  it('say their shares in words, where weights decide', () => {
    const choices = [
      { uri: 'sip:a', weight: 3 },
      { uri: 'sip:b', weight: 1 },
      { uri: 'sip:c', priority: 1, weight: 7 },
    ]
    assert.equal(sharesInWords(new Choices(choices)), 'sip:a 75 %, sip:b 25 %')
    assert.equal(sharesInWords(new Choices(['sip:a', 'sip:b'])), '')
  })
})
