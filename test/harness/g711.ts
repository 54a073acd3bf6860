/** ITU-T G.711: 8000 samples a second, one byte each. Samples are linear, from -32768 to 32767. */

export type G711 = 'PCMU' | 'PCMA'

/** What is sent where there is no sound. */
export const silenceOf: Readonly<Record<G711, number>> = { PCMU: 0xff, PCMA: 0xd5 }

const bias = 0x84
const clip = 32_635

const decoded: Readonly<Record<G711, Int16Array>> = {
  PCMU: Int16Array.from({ length: 256 }, (_, byte) => fromMuLaw(byte)),
  PCMA: Int16Array.from({ length: 256 }, (_, byte) => fromALaw(byte)),
}

export function decode(codec: G711, payload: Uint8Array): Int16Array {
  return Int16Array.from(payload, (byte) => decoded[codec][byte] ?? 0)
}

export function encode(codec: G711, samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, codec === 'PCMU' ? toMuLaw : toALaw)
}

function toMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), clip) + bias
  const exponent = 24 - Math.clz32(magnitude)

  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff
}

function fromMuLaw(byte: number): number {
  const bits = ~byte & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + bias) << ((bits >> 4) & 0x07)) - bias

  return bits & 0x80 ? -magnitude : magnitude
}

function toALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  const magnitude = Math.min(sample < 0 ? -sample - 1 : sample, 32_767) >> 3
  const exponent = Math.max(0, 27 - Math.clz32(magnitude))
  const mantissa = magnitude >> Math.max(1, exponent)

  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55
}

function fromALaw(byte: number): number {
  const bits = byte ^ 0x55
  const exponent = (bits >> 4) & 0x07
  const mantissa = ((bits & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)

  return bits & 0x80 ? magnitude : -magnitude
}
