import type { MediaResult, MediaSession } from './media-port.ts'

/** Where a recording is: the media server, and the beginning of its file's name. */
export interface RecordedFile {
  readonly server: string
  readonly name: string
}

const noSession = { problem: 'its media goes through no media server' } as const

/** The recording of a leg. It goes on, in a further file, on each session that takes the place of a lost one. */
export class LegRecording {
  /** Gets what came of each file that was to be begun. */
  onFile: (result: MediaResult<RecordedFile>) => void = () => undefined
  readonly #session: () => MediaSession | undefined
  #note: string | undefined
  #recorded: MediaSession | undefined

  /** @param session the present one; undefined while media is direct */
  constructor(session: () => MediaSession | undefined) {
    this.#session = session
  }

  /** The note of the recording as the next process needs it; undefined while the leg is not recorded. */
  get note(): string | undefined {
    return this.#note
  }

  takeUp(note: string | undefined): void {
    this.#note = note
  }

  /** Has both sides recorded from now on. Resolves when `onFile` has got the result. */
  async start(note: string): Promise<void> {
    const session = this.#session()
    if (!session) {
      this.onFile(noSession)

      return
    }
    this.#note = note
    await this.#record(session, note)
  }

  /** Ends the file; another `start` begins a further one. */
  async stop(): Promise<MediaResult<undefined>> {
    this.#note = undefined
    this.#recorded = undefined

    return (await this.#session()?.stopRecording()) ?? noSession
  }

  /** A session has been answered. */
  async goOn(session: MediaSession): Promise<void> {
    if (this.#note !== undefined && session !== this.#recorded) await this.#record(session, this.#note)
  }

  async #record(session: MediaSession, note: string): Promise<void> {
    this.#recorded = session
    const { problem } = await session.record(note)
    // Stopped meanwhile.
    if (session !== this.#recorded) return
    this.onFile(problem === undefined ? { value: { server: session.server, name: session.callId } } : { problem })
  }
}
