import type { Logger } from 'winston'
import type { Settings } from '../../config/index.ts'
import type { Clock, Timer } from '../../engine/index.ts'
import type { Routing } from '../../routes/index.ts'
import { openAudioStore, type AudioStore } from './audio-store.ts'

const passIntervalMs = 24 * 60 * 60 * 1000

interface UnusedAudioParts {
  routing: Pick<Routing, 'health' | 'projects' | 'getDraft' | 'version'>
  clock: Clock
  log: Pick<Logger, 'info' | 'warn'>
}

/**
 * Removes audio files that no draft and no version of any project names, in a pass each day. A file must be unused in two
 * passes: one that has just been uploaded stands in no draft yet.
 */
export class UnusedAudio {
  readonly #store: AudioStore
  readonly #parts: UnusedAudioParts
  #unused: ReadonlySet<string> = new Set()
  #timer: Timer | undefined
  #closed = false

  constructor(store: AudioStore, parts: UnusedAudioParts) {
    this.#store = store
    this.#parts = parts
  }

  start(): void {
    if (this.#closed) return
    this.#timer = this.#parts.clock.after(passIntervalMs, () => {
      this.pass()
        .catch((error: unknown) => {
          this.#parts.log.warn('unused audio files stay, since not all versions could be read', { error })
        })
        .finally(() => {
          this.start()
        })
        .catch(() => undefined)
    })
  }

  /** Removes what was unused at the last pass and is so still. Rejects, and removes nothing, when a version cannot be read. */
  async pass(): Promise<string[]> {
    const unused = await this.#find()
    const removed = [...unused].filter((digest) => this.#unused.has(digest))
    for (const digest of removed) await this.#store.remove(digest)
    if (removed.length > 0) this.#parts.log.info('unused audio files removed', { digests: removed })
    this.#unused = unused

    return removed
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  /** Versions are read the newest first, and only while there is a file that none before has named. */
  async #find(): Promise<Set<string>> {
    const { routing } = this.#parts
    const { ok, problems } = routing.health()
    if (!ok) throw new Error(problems.join('; '))
    const unused = new Set(await this.#store.digests())
    const named = ({ audio = {} }: { audio?: Readonly<Record<string, string>> | undefined }): void => {
      for (const digest of Object.values(audio)) unused.delete(digest)
    }
    for (const { project, lastVersion } of routing.projects()) {
      named((await routing.getDraft(project)).table)
      for (let version = lastVersion; version > 0 && unused.size > 0; version--) {
        named((await routing.version(project, version)).table)
      }
    }

    return unused
  }
}

/** The audio files of this Baton, and those that Batons share, without what no version names any more. */
export async function openAudio(settings: Settings, parts: UnusedAudioParts): Promise<AudioStore> {
  const store = await openAudioStore(settings)
  const unused = new UnusedAudio(store, parts)
  unused.start()

  return {
    put: (bytes) => store.put(bytes),
    get: (digest) => store.get(digest),
    path: (digest) => store.path(digest),
    digests: () => store.digests(),
    remove: (digest) => store.remove(digest),
    close: () => {
      unused.close()
      store.close()
    },
  }
}
