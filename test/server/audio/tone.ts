/** A WAV file of a tone, with what may be wrong with it. */
export function tone(
  seconds: number,
  {
    level = 0.5,
    rate = 8000,
    bits = 16,
    channels = 1,
    kind = 1,
    hz = 440,
  }: Partial<Record<'level' | 'rate' | 'bits' | 'channels' | 'kind' | 'hz', number>> = {},
): Buffer {
  const bytes = bits / 8
  const frames = Math.round(seconds * rate)
  const data = Buffer.alloc(frames * channels * bytes)
  for (let i = 0; i < frames * channels; i++) {
    const sample = Math.max(-1, Math.min(1, level * Math.sin((2 * Math.PI * hz * Math.floor(i / channels)) / rate)))
    if (bits === 8) data.writeUInt8(Math.round(sample * 127) + 128, i)
    else data.writeInt16LE(Math.round(sample * 32_767), i * 2)
  }
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(kind, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * channels * bytes, 28)
  header.writeUInt16LE(channels * bytes, 32)
  header.writeUInt16LE(bits, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)

  return Buffer.concat([header, data])
}
