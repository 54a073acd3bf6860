/** Tones, and what samples sound like: 8000 samples a second, from -32768 to 32767. */

export const sampleRate = 8000

/** Samples of a tone from `first` on, so that one frame joins the next. */
export function toneOf(hz: number, first: number, count: number, level = 0.4): Int16Array {
  return Int16Array.from(
    { length: count },
    (_, at) => level * 32_767 * Math.sin((2 * Math.PI * hz * (first + at)) / sampleRate),
  )
}

/** Frequencies that `hzOf` tells apart. */
const lowestHz = 100
const highestHz = 3400
const stepHz = 50
/** A frame is a tone when that share of its power is at one frequency. */
const minToneShare = 0.6
const silentDb = -55

/** dB below full scale, `-Infinity` for none. */
export function levelOf(samples: Int16Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length)

  return power === 0 ? -Infinity : 10 * Math.log10(power / (32_768 * 32_768 * 0.5))
}

/** The frequency of a tone, to the nearest 50 Hz; 0 for silence, undefined for any other sound. */
export function hzOf(samples: Int16Array): number | undefined {
  if (levelOf(samples) < silentDb) return 0
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0)
  let [best, most] = [0, 0]
  for (let hz = lowestHz; hz <= highestHz; hz += stepHz) {
    const found = goertzel(samples, hz)
    if (found > most) [best, most] = [hz, found]
  }

  return most / ((power * samples.length) / 2) < minToneShare ? undefined : best
}

/** The squared magnitude of one frequency (Goertzel's algorithm). */
function goertzel(samples: Int16Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate)
  let [last, before] = [0, 0]
  for (const sample of samples) [last, before] = [sample + coefficient * last - before, last]

  return last * last + before * before - coefficient * last * before
}
