import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { defaultLimits } from '../../../engine/message/index.ts'
import { StreamFramer } from '../../../engine/transport/stream-framer.ts'
import { cpuTime } from '../cpu-time.ts'
import { options } from './peers.ts'

function run(chunks: readonly Buffer[], limits = defaultLimits) {
  const messages: string[] = []
  const broken: string[] = []
  let pings = 0
  const framer = new StreamFramer(limits, {
    message: (data) => messages.push(data.toString('latin1')),
    ping: () => pings++,
    broken: (bad) => broken.push(bad.reason),
  })
  for (const chunk of chunks) framer.push(chunk)

  return { messages, broken, pings: pings > 0, partial: framer.partial }
}

const via = 'SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1'
const texts = [options(via), options(via, ['X-Long: ' + 'y'.repeat(3000)]), options(via, [], 'body\r\n\r\nbody')]

describe('the stream framer', () => {
  it('finds the same messages however the stream is cut', () => {
    const stream = Buffer.from(`\r\n${texts.join('')}\r\n\r\n${texts.join('\r\n')}`, 'latin1')
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }), (sizes) => {
        const chunks: Buffer[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length]!
          chunks.push(stream.subarray(at, at + size))
          at += size
        }
        const { messages, broken, pings, partial } = run(chunks)
        assert.deepEqual(messages, [...texts, ...texts])
        assert.deepEqual({ broken, pings, partial }, { broken: [], pings: true, partial: false })
      }),
    )
  })

  it('takes a large message byte by byte without copying it again and again', () => {
    const text = options(via, [], 'z'.repeat(60_000))
    const chunks = Array.from(Buffer.from(text, 'latin1'), (byte) => Buffer.from([byte]))
    assert(cpuTime(() => assert.deepEqual(run(chunks).messages, [text])) < 1000)
  })

  it('breaks at a head that never ends', () => {
    const line = Buffer.from(`X-Noise: ${'n'.repeat(1000)}\r\n`)
    const { broken, messages } = run([Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n'), ...new Array<Buffer>(100).fill(line)])
    assert.deepEqual(messages, [])
    assert.deepEqual(broken, ['larger than 65535 bytes'])
  })

  it('reads a head within the limits that were set, and says which one it is over', () => {
    const text = options(via, new Array<string>(300).fill('X-Noise: n'))
    const { messages, broken } = run([Buffer.from(text)])
    assert.deepEqual([messages, broken], [[], ['more than 256 headers']])
    assert.deepEqual(run([Buffer.from(text)], { ...defaultLimits, headerCount: 400 }).messages, [text])
  })

  it('takes nothing after it is broken', () => {
    const { broken, messages } = run([Buffer.from('A\r\nl: x\r\n\r\n' + texts[0]!), Buffer.from(texts[0]!)])
    assert.deepEqual([messages, broken], [[], ['Content-Length is not a number']])
  })
})
