import { mediaDefaults } from '../../routes/index.ts'
import type { EvidenceNote } from '../legs/glare.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { AttemptContext } from './attempt.ts'
import { audioFile, type CallAudio } from './played-media.ts'

/**
 * What the caller hears in the place of its agent, from the beginning of an attempt until the destination has the caller:
 * an audio file, or silence. The agent hears nothing either. Both hear each other again after `end`.
 */
export class HoldMusic {
  readonly #music: string
  readonly #agent: PartyLeg
  readonly #audio: CallAudio
  readonly #note: EvidenceNote
  #state: 'off' | 'on' | 'ended' = 'off'
  /** Commands to the media server run one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(music: string, { agent, audio }: Pick<AttemptContext, 'agent' | 'audio'>, note: EvidenceNote) {
    this.#music = music
    this.#agent = agent
    this.#audio = audio
    this.#note = note
  }

  /** Whether the caller has left its agent for music, or for silence. */
  get isOn(): boolean {
    return this.#state === 'on'
  }

  begin(): Promise<void> {
    const { media } = this.#agent
    if (this.#music === mediaDefaults.hold_music || !media || !this.#agent.up) return Promise.resolve()
    if (!media.session) {
      this.#note('baton', 'no hold music: the caller’s media goes through no media server')

      return Promise.resolve()
    }
    this.#state = 'on'

    return this.#inTurn(async () => {
      await media.block(true)
      if (this.#music === 'silence') this.#note('baton', 'the caller hears silence')
      else await this.#play()
    })
  }

  /** The destination has answered: the music gives way, and the agent is not heard. */
  async pause(): Promise<void> {
    if (this.isOn) await this.#inTurn(() => this.#agent.media?.stop('caller'))
  }

  /** The caller is with its agent again. Idempotent. */
  async end(): Promise<void> {
    const wasOn = this.isOn
    this.#state = 'ended'
    if (!wasOn) return
    await this.#inTurn(async () => {
      await this.#agent.media?.stop('caller')
      await this.#agent.media?.block(false)
    })
  }

  async #play(): Promise<void> {
    const found = await audioFile(this.#music, this.#audio)
    const playing = found.problem === undefined ? await this.#agent.media?.playMusic('caller', found.value) : found
    const problem = playing?.problem
    this.#note('baton', problem === undefined ? `the caller hears ${this.#music}` : `no hold music: ${problem}`)
    if (problem === undefined) return
    // A caller whose music cannot be played stays with its agent.
    this.#state = 'off'
    await this.#agent.media?.block(false)
  }

  #inTurn(work: () => Promise<unknown> | undefined): Promise<void> {
    const done = this.#last.then(work).then(() => undefined)
    this.#last = done.catch(() => undefined)

    return done
  }
}
