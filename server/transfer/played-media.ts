import type { HandoffMedia } from '../../routes/index.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { MediaResult, PlayedAudio } from '../media/media-port.ts'
import type { MediaSide } from '../media/media-statistics.ts'

/** What the parties of a call may hear. */
export interface CallAudio {
  /** An audio file of the call's version by its name; undefined where there is none. */
  file(name: string): Promise<PlayedAudio | undefined>
  /** A text as audio. Never rejects. */
  spoken(text: string): Promise<MediaResult<PlayedAudio>>
}

const noMediaServer = { problem: 'MEDIA is direct, and Baton plays nothing' } as const

/** Plays an audio file of the call's version to one side of a leg. Gives the milliseconds of one run. */
export async function playFile(
  leg: PartyLeg,
  to: MediaSide,
  { name, audio, repeats }: { name: string; audio: CallAudio; repeats?: number },
): Promise<MediaResult<number>> {
  if (!leg.media) return noMediaServer
  const found = await audio.file(name)

  return found ? play(leg, to, found, repeats) : { problem: `the version has no audio file ${name}` }
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
  async play(leg: PartyLeg): Promise<MediaResult<number>> {
    const announce = this.#announce
    if ('file' in announce) return playFile(leg, 'party', { name: announce.file, audio: this.#audio })
    if (!leg.media) return noMediaServer
    const spoken = await (this.#spoken ??= this.#audio.spoken(announce.text))

    return spoken.problem === undefined ? play(leg, 'party', spoken.value) : spoken
  }
}

async function play(
  { media }: PartyLeg,
  to: MediaSide,
  audio: PlayedAudio,
  repeats?: number,
): Promise<MediaResult<number>> {
  return media?.session?.play(to, audio, repeats) ?? { problem: 'its media goes through no media server' }
}
