import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings, SpeechSettings } from '../../config/index.ts'
import { wallTime, type Clock } from '../../engine/index.ts'
import { bodyUpTo, connectionProblem } from '../http-endpoint.ts'
import { asPlayed, type MediaResult, type PlayedAudio } from '../media/media-port.ts'
import { writeAudioFile } from './audio-file.ts'

/** What came of a text: `spoken` by the endpoint, `kept` from before, or why there is no audio of it. */
type SpeechResult = 'spoken' | 'kept' | 'timeout' | 'unreachable' | 'refused' | 'invalid' | 'busy'

interface SpeechFailure {
  readonly result: Exclude<SpeechResult, 'spoken' | 'kept'>
  readonly problem: string
}

/** Texts at the endpoint at once: one that hangs delays so many announcements, each by its time-out. */
const maxUnderWay = 32
/** About two minutes of WAV at 24 kHz. */
const maxAudioBytes = 6_000_000
const maxKept = 1000
/** Texts may name callers: their audio is deleted a day after it was last heard. */
const keptMs = 86_400_000
const minSweepMs = 60_000

interface SpeechParts {
  settings: SpeechSettings
  /** The folder of the audio that is kept. */
  dir: string
  clock: Clock
  /** Counts what came of a text, and how long it took. */
  observed: (result: SpeechResult, seconds: number) => void
}

/**
 * Speaks the texts of announcements by an endpoint with the contract of OpenAI's `POST /v1/audio/speech`. The audio of a text is
 * kept, so that the same text is asked for once.
 */
export class Speech {
  readonly #parts: SpeechParts
  /** Texts that are being spoken, by the names of their files. */
  readonly #underWay = new Map<string, Promise<MediaResult<PlayedAudio>>>()
  #sweptAt = -Infinity

  constructor(parts: SpeechParts) {
    this.#parts = parts
  }

  /** The audio of a text. Never rejects. */
  async spoken(text: string): Promise<MediaResult<PlayedAudio>> {
    const { url, model, voice, format } = this.#parts.settings
    const digest = createHash('sha256').update(JSON.stringify([url, model, voice, text]))
    const name = `${digest.digest('hex')}.${format}`
    const underWay = this.#underWay.get(name)
    if (underWay) return underWay
    const audio = this.#audioOf(text, join(this.#parts.dir, name)).finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, audio)

    return audio
  }

  async #audioOf(text: string, path: string): Promise<MediaResult<PlayedAudio>> {
    const { clock, observed } = this.#parts
    const begun = clock.now()
    const kept = await this.#read(path)
    const audio = kept ?? (await this.#ask(text))
    const isAudio = Buffer.isBuffer(audio)
    const spoken = kept ? 'kept' : 'spoken'
    observed(isAudio ? spoken : audio.result, (clock.now() - begun) / 1000)
    if (!isAudio) return { problem: `the speech endpoint: ${audio.problem}` }
    if (kept) return { value: asPlayed(kept, path) }
    const problem = await this.#write(path, audio)

    return problem === undefined ? { value: asPlayed(audio, path) } : { problem }
  }

  async #ask(input: string): Promise<Buffer | SpeechFailure> {
    if (this.#underWay.size > maxUnderWay) {
      return { result: 'busy', problem: `${maxUnderWay} texts are being spoken` }
    }
    const { settings, clock } = this.#parts
    const { url, key, model, voice, format, timeout } = settings
    const late = new AbortController()
    const timer = clock.after(timeout * 1000, () => {
      late.abort()
    })
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal: late.signal,
        headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
        body: JSON.stringify({ model, voice, input, response_format: format }),
      })
      if (!response.ok) {
        await response.body?.cancel()

        return { result: 'refused', problem: `it answered ${response.status}` }
      }

      return await audioIn(response)
    } catch (error) {
      if (late.signal.aborted) return { result: 'timeout', problem: `no answer within ${timeout} s` }

      return { result: 'unreachable', problem: connectionProblem(error, url) }
    } finally {
      timer.cancel()
    }
  }

  async #read(path: string): Promise<Buffer | undefined> {
    try {
      const bytes = await readFile(path)
      const now = wallTime(this.#parts.clock.now()) / 1000
      await utimes(path, now, now)

      return bytes
    } catch {
      // It is not kept, or cannot be read: it is spoken anew.
      return undefined
    }
  }

  /** Gives the problem with a file that cannot be written. */
  async #write(path: string, bytes: Buffer): Promise<string | undefined> {
    try {
      await writeAudioFile(path, bytes)
      await this.#sweep()

      return undefined
    } catch (error) {
      return `its audio cannot be kept: ${(error as Error).message}`
    }
  }

  /** Deletes what was not heard for a day, and the oldest of what is too many. */
  async #sweep(): Promise<void> {
    const { dir, clock } = this.#parts
    const now = clock.now()
    if (now - this.#sweptAt < minSweepMs) return
    this.#sweptAt = now
    const files: { path: string; heardAt: number }[] = []
    for (const name of await readdir(dir)) {
      const path = join(dir, name)
      files.push({ path, heardAt: (await stat(path)).mtimeMs })
    }
    files.sort((one, other) => other.heardAt - one.heardAt)
    for (const [i, { path, heardAt }] of files.entries()) {
      if (i >= maxKept || wallTime(now) - heardAt > keptMs) await rm(path, { force: true })
    }
  }
}

/** What speaks texts; undefined where SPEECH_URL names no endpoint. */
export function createSpeech(
  { speech: settings, dataDir }: Pick<Settings, 'speech' | 'dataDir'>,
  clock: Clock,
  metrics: { textSpoken: SpeechParts['observed'] },
): Speech | undefined {
  if (!settings) return undefined

  return new Speech({
    ...{ settings, dir: join(dataDir, 'speech'), clock },
    observed: (result, seconds) => {
      metrics.textSpoken(result, seconds)
    },
  })
}

/** The body of an answer, which must be audio: some endpoints tell of an error with 200 and JSON. */
async function audioIn(response: Response): Promise<Buffer | SpeechFailure> {
  const type = response.headers.get('content-type') ?? ''
  if (!/^(audio\/|application\/octet-stream|$)/i.test(type)) {
    await response.body?.cancel()

    return { result: 'invalid', problem: `it sent ${type}, no audio` }
  }
  const audio = await bodyUpTo(response, maxAudioBytes)
  if (!audio) return { result: 'invalid', problem: `its audio has more than ${maxAudioBytes} bytes` }

  return audio.length === 0 ? { result: 'invalid', problem: 'its audio is empty' } : audio
}
