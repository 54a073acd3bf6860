import type { CompiledTable, HandoffMedia } from '../../routes/index.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { MediaAnchors } from '../media/index.ts'
import type { MediaResult, PlayedAudio } from '../media/media-port.ts'
import type { MediaSide } from '../media/media-statistics.ts'

/** What the parties of a call may hear. */
export interface CallAudio {
  /** An audio file of the call's version by its name; undefined where there is none. */
  file(name: string): Promise<PlayedAudio | undefined>
  /** A text as audio. Never rejects. */
  spoken(text: string): Promise<MediaResult<PlayedAudio>>
}

/** The audio of a table, and of the speech endpoint. */
export function callAudio({ audio }: Pick<CompiledTable, 'audio'>, media: MediaAnchors | undefined): CallAudio {
  return {
    file: async (name) => {
      const digest = audio[name]

      return digest === undefined ? undefined : media?.audio.file(digest)
    },
    spoken: async (text) => media?.audio.spoken(text) ?? { problem: 'MEDIA is direct' },
  }
}

/** An audio file of the call's version. */
export async function audioFile(name: string, audio: CallAudio): Promise<MediaResult<PlayedAudio>> {
  const found = await audio.file(name)

  return found ? { value: found } : { problem: `the version has no audio file ${name}` }
}

/** What a party hears alone: an audio file of the call's version, or a text. */
export class PlayedAnnouncement {
  readonly #announce: NonNullable<HandoffMedia['announce']>
  readonly #audio: CallAudio
  #spoken: Promise<MediaResult<PlayedAudio>> | undefined

  constructor(announce: NonNullable<HandoffMedia['announce']>, audio: CallAudio) {
    this.#announce = announce
    this.#audio = audio
  }

  /** For the evidence. */
  get name(): string {
    return 'file' in this.#announce ? this.#announce.file : 'the text'
  }

  /** Has a text spoken while the destination rings, so that the person does not wait for it. */
  prepare(): void {
    if ('text' in this.#announce) this.#spoken ??= this.#audio.spoken(this.#announce.text)
  }

  /** Plays it to one side of the leg. Gives the milliseconds that it lasts. */
  async play({ media }: PartyLeg, to: MediaSide = 'party'): Promise<MediaResult<number>> {
    const announce = this.#announce
    if (!media) return { problem: 'MEDIA is direct, and Baton plays nothing' }
    const found = await ('file' in announce
      ? audioFile(announce.file, this.#audio)
      : (this.#spoken ??= this.#audio.spoken(announce.text)))

    return found.problem === undefined ? media.play(to, found.value) : found
  }
}
