/** Reads a WAV file (RIFF, PCM), and says what is wrong with it before a caller hears that. Pure. */

/** Of one file. */
export interface AudioFacts {
  seconds: number
  sampleRate: number
  channels: number
  bits: number
  /** The loudest sample, in dB below full scale: 0 is as loud as can be. */
  peakDb: number
  /** Doubts that do not stop it from being kept. */
  warnings: string[]
}

/** Why a file is not kept. */
export interface AudioProblem {
  problem: string
  hint: string
}

const minSeconds = 0.2
const maxSeconds = 300
const sampleRates = [8000, 16_000, 24_000, 44_100, 48_000]
const pcm = 1
/** A file whose loudest sample is below that is taken as silence. */
const silentDb = -50
const quietDb = -30
/** Clipped: more than one sample in 200 has the largest value there is. */
const maxClippedShare = 1 / 200

const hint = 'send a WAV file of PCM, 8 or 16 bits, 8 or 16 kHz, mono'

export function readWav(bytes: Buffer): AudioFacts | AudioProblem {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    return { problem: 'is no WAV file', hint }
  }
  const format = chunk(bytes, 'fmt ')
  const data = chunk(bytes, 'data')
  if (!format || format.length < 16 || !data) return { problem: 'has no format, or no sound', hint }
  const read = readFormat(format)
  if ('problem' in read) return read
  const { channels, sampleRate, bits } = read
  const seconds = data.length / (channels * (bits / 8) * sampleRate)
  if (seconds < minSeconds || seconds > maxSeconds) {
    const bounds = `send ${minSeconds} to ${maxSeconds} seconds of sound`

    return { problem: `lasts ${seconds.toFixed(1)} s`, hint: bounds }
  }
  const { peak, clippedShare } = levelOf(data, bits)
  const peakDb = peak === 0 ? -Infinity : 20 * Math.log10(peak)
  if (peakDb < silentDb) return { problem: 'is silent', hint: 'record it again, louder; silence needs no file' }

  return {
    ...{ seconds: Math.round(seconds * 100) / 100, sampleRate, channels, bits },
    peakDb: Math.round(peakDb * 10) / 10,
    warnings: [
      ...(clippedShare > maxClippedShare ? ['it is clipped: recorded too loud'] : []),
      ...(peakDb < quietDb ? [`it is quiet: its loudest sound is ${Math.round(-peakDb)} dB below full scale`] : []),
    ],
  }
}

function readFormat(format: Buffer): (Pick<AudioFacts, 'channels' | 'sampleRate'> & { bits: 8 | 16 }) | AudioProblem {
  const [kind, channels] = [format.readUInt16LE(0), format.readUInt16LE(2)]
  const [sampleRate, bits] = [format.readUInt32LE(4), format.readUInt16LE(14)]
  if (kind !== pcm || (bits !== 8 && bits !== 16)) return { problem: `has ${bits} bits in format ${kind}`, hint }
  if (channels !== 1 && channels !== 2) return { problem: `has ${channels} channels`, hint }
  if (!sampleRates.includes(sampleRate)) return { problem: `has ${sampleRate} samples a second`, hint }

  return { channels, sampleRate, bits }
}

/** The content of a chunk; a length that leads past the end, as streams write it, means all that is there. */
function chunk(bytes: Buffer, name: string): Buffer | undefined {
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4)
    const content = bytes.subarray(at + 8, at + 8 + length)
    if (bytes.toString('latin1', at, at + 4) === name) return content
    // RIFF: chunks begin at even places.
    at += 8 + length + (length % 2)
  }

  return undefined
}

/** The loudest sample, from 0 to 1, and the share of samples at full scale. */
function levelOf(data: Buffer, bits: 8 | 16): { peak: number; clippedShare: number } {
  const size = bits / 8
  const count = Math.floor(data.length / size)
  const full = bits === 8 ? 127 : 32_767
  let peak = 0
  let clipped = 0
  for (let i = 0; i < count; i++) {
    // 8-bit samples of WAV have no sign: 128 is silence.
    const value = Math.abs(bits === 8 ? data.readUInt8(i) - 128 : data.readInt16LE(i * 2))
    if (value > peak) peak = value
    if (value >= full) clipped += 1
  }

  return { peak: Math.min(peak / full, 1), clippedShare: count === 0 ? 0 : clipped / count }
}
