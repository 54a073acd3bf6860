import type { HandoffMedia } from '../../routes/index.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { MediaResult, PlayedAudio } from '../media/media-port.ts'

/** What the parties of a call may hear. */
export interface CallAudio {
  /** An audio file of the call's version by its name; undefined where there is none. */
  file(name: string): Promise<PlayedAudio | undefined>
  /** A text as audio. Never rejects. */
  spoken(text: string): Promise<MediaResult<PlayedAudio>>
}

/** An audio file of the call's version. */
export async function audioFile(name: string, audio: CallAudio): Promise<MediaResult<PlayedAudio>> {
  const found = await audio.file(name)

  return found ? { value: found } : { problem: `the version has no audio file ${name}` }
}

/** What the person who answers hears alone: an audio file of the call's version, or a text. */
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

  /** Plays it to the leg's party. Gives the milliseconds that it lasts. */
  async play({ media }: PartyLeg): Promise<MediaResult<number>> {
    const announce = this.#announce
    if (!media) return { problem: 'MEDIA is direct, and Baton plays nothing' }
    const found = await ('file' in announce
      ? audioFile(announce.file, this.#audio)
      : (this.#spoken ??= this.#audio.spoken(announce.text)))

    return found.problem === undefined ? media.play('party', found.value) : found
  }
}
