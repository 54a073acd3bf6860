import assert from 'node:assert/strict'
import fc from 'fast-check'
import { frame, FrameReader, maxPayloadBytes } from '../../../engine/drachtio/protocol/frames.ts'
import { cpuTime } from '../cpu-time.ts'

/** What comes out when these bytes come in pieces of these lengths. */
function read(
  bytes: Buffer,
  lengths: readonly number[],
  limit = maxPayloadBytes,
): { payloads: string[]; problem?: string } {
  const payloads: string[] = []
  const reader = new FrameReader(limit, (payload) => payloads.push(payload))
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const length = Math.max(1, lengths[i % lengths.length] ?? bytes.length)
    const problem = reader.push(bytes.subarray(at, at + length))
    if (problem !== undefined) return { payloads, problem }
    at += length
  }

  return { payloads }
}

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 8 })
    fc.assert(
      fc.property(texts, fc.array(fc.nat(97), { minLength: 1, maxLength: 9 }), (all, lengths) => {
        const payloads = all.map((text) => Buffer.from(text, 'utf8').toString('latin1'))
        const bytes = Buffer.from(payloads.map(frame).join(''), 'latin1')
        assert.deepEqual(read(bytes, lengths), { payloads })
      }),
    )
  })

  it('count bytes, not characters', () => {
    assert.equal(frame(Buffer.from('Zoë', 'utf8').toString('latin1')).split('#')[0], '4')
  })

  it('may be as large as a mebibyte, in pieces of any size, and no larger', () => {
    const whole = 'x'.repeat(maxPayloadBytes)
    assert.deepEqual(read(Buffer.from(frame(whole)), [1460]).payloads, [whole])
    assert.match(read(Buffer.from(frame(`${whole}x`)), [1460]).problem ?? '', /1048577 bytes/)
  })

  it('are read in time that grows with their size alone', () => {
    const bytes = Buffer.from(frame('x'.repeat(maxPayloadBytes)))
    assert.ok(cpuTime(() => read(bytes, [64])) < 2000)
  })

  for (const garbage of ['hello', '#', '12a#xyz', '-1#', ' 3#abc', '00000000000001#a', '\r\n3#abc', 'GET / HTTP/1.1']) {
    it(`are refused when they begin like ${JSON.stringify(garbage)}`, () => {
      assert.notEqual(read(Buffer.from(garbage), [1]).problem, undefined)
    })
  }
})
