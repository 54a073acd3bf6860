import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readWav } from '../../../server/audio/index.ts'
import { tone } from './tone.ts'

const problemOf = (bytes: Buffer) => {
  const read = readWav(bytes)

  return 'problem' in read ? read.problem : undefined
}
const warningsOf = (bytes: Buffer) => {
  const read = readWav(bytes)

  return 'problem' in read ? [read.problem] : read.warnings
}

describe('A WAV file', () => {
  it('is read with its length, its format and its level', () => {
    assert.deepEqual(readWav(tone(2)), {
      ...{ seconds: 2, sampleRate: 8000, channels: 1, bits: 16, peakDb: -6, warnings: [] },
    })
    assert.deepEqual(readWav(tone(1, { rate: 16_000, bits: 8, channels: 2 })), {
      ...{ seconds: 1, sampleRate: 16_000, channels: 2, bits: 8, peakDb: -6, warnings: [] },
    })
  })

  it('may have other chunks before its sound, and a length that leads past the end', () => {
    const plain = tone(1)
    const list = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1')
    const withList = Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36)])
    assert.equal(problemOf(withList), undefined)
    const streamed = Buffer.from(plain)
    streamed.writeUInt32LE(0xffffffff, 40)
    assert.equal(problemOf(streamed), undefined)
  })

  it('is refused where it cannot be played, or is too short, too long or silent', () => {
    assert.equal(problemOf(Buffer.from('ID3 no wave')), 'is no WAV file')
    assert.equal(problemOf(tone(1).subarray(0, 36)), 'has no format, or no sound')
    assert.equal(problemOf(tone(1, { kind: 7 })), 'has 16 bits in format 7')
    assert.equal(problemOf(tone(1, { rate: 11_025 })), 'has 11025 samples a second')
    assert.equal(problemOf(tone(1, { channels: 3 })), 'has 3 channels')
    assert.equal(problemOf(tone(0.1)), 'lasts 0.1 s')
    assert.equal(problemOf(tone(301)), 'lasts 301.0 s')
    assert.equal(problemOf(tone(1, { level: 0.001 })), 'is silent')
    assert.equal(problemOf(tone(1, { level: 0 })), 'is silent')
  })

  it('is said to be clipped, or quiet', () => {
    assert.deepEqual(warningsOf(tone(1, { level: 1.5 })), ['it is clipped: recorded too loud'])
    assert.deepEqual(warningsOf(tone(1, { level: 0.02 })), ['it is quiet: its loudest sound is 34 dB below full scale'])
  })

  it('never throws, whatever its bytes are', () => {
    const header = tone(0.3).subarray(0, 44)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(44), (bytes, kept) => {
        readWav(Buffer.concat([header.subarray(0, kept), bytes]))
      }),
    )
  })
})
