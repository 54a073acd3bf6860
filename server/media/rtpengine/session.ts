import {
  maxCommandAudioBytes,
  type MediaResult,
  type MediaSession,
  type MediaTerms,
  type PlayedAudio,
} from '../media-port.ts'
import type { MediaSide, MediaStatistics } from '../media-statistics.ts'
import { numberOf, textOf, type NgDictionary } from './bencode.ts'
import { descriptionFields } from './description-fields.ts'
import type { RtpengineServer } from './server.ts'
import { statisticsOf } from './statistics.ts'

type SessionCommand = 'offer' | 'answer' | 'delete' | 'query' | 'play' | 'stop' | 'block' | 'record'

/** One session on an rtpengine. */
export class RtpengineSession implements MediaSession {
  readonly server: string
  onDigit: MediaSession['onDigit'] = () => undefined
  onLost: MediaSession['onLost'] = () => undefined
  readonly callId: string
  readonly #server: RtpengineServer
  /** The tags of the two sides, which rtpengine tells them apart by. */
  readonly #tags: Readonly<Record<MediaSide, string>> = { caller: 'caller', party: 'party' }
  /** How each side was described to last. */
  readonly #terms: Record<MediaSide, MediaTerms> = { caller: {}, party: {} }
  /** Sides whose media is not to be passed on, and sides that audio is played to. */
  readonly #blocked = new Set<MediaSide>()
  readonly #playedTo = new Set<MediaSide>()
  /** Whether rtpengine may have the session: an offer was sent. */
  #isSent = false
  #isLost = false
  #closing: Promise<MediaResult<MediaStatistics>> | undefined

  constructor(callId: string, server: RtpengineServer) {
    this.callId = callId
    this.#server = server
    this.server = server.name
  }

  offer(from: MediaSide, sdp: string, terms?: MediaTerms): Promise<MediaResult<string>> {
    return this.#describe('offer', from, sdp, terms)
  }

  answer(from: MediaSide, sdp: string, terms?: MediaTerms): Promise<MediaResult<string>> {
    return this.#describe('answer', from, sdp, terms)
  }

  async play(to: MediaSide, audio: PlayedAudio, repeats = 1): Promise<MediaResult<number>> {
    const isFile = 'file' in audio
    if (!isFile && audio.bytes.length > maxCommandAudioBytes) {
      return { problem: `${audio.bytes.length} bytes of audio do not fit a command: name a file instead` }
    }
    const source = isFile ? { file: audio.file } : { blob: audio.bytes.toString('latin1') }
    // Without this, rtpengine sends the packets of the other side in between.
    await this.#pass(otherOf(to), () => this.#playedTo.add(to))
    const done = await this.#command('play', 'play media', { from: to, ...source, 'repeat-times': repeats })
    if (done.problem === undefined) return { value: numberOf(done.value.duration) }
    await this.#pass(otherOf(to), () => this.#playedTo.delete(to))

    return done
  }

  async stopMedia(to: MediaSide): Promise<MediaResult<undefined>> {
    const stopped = await this.#command('stop', 'stop media', { from: to })
    const passed = await this.#pass(otherOf(to), () => this.#playedTo.delete(to))

    return withoutValue(stopped.problem === undefined ? passed : stopped)
  }

  async blockMedia(from: MediaSide, isBlocked: boolean): Promise<MediaResult<undefined>> {
    return this.#pass(from, () => (isBlocked ? this.#blocked.add(from) : this.#blocked.delete(from)), true)
  }

  async record(note: string): Promise<MediaResult<undefined>> {
    return withoutValue(await this.#command('record', 'start recording', { metadata: note }))
  }

  async stopRecording(): Promise<MediaResult<undefined>> {
    return withoutValue(await this.#command('record', 'stop recording', {}))
  }

  async query(): Promise<MediaResult<MediaStatistics>> {
    return this.#statistics(await this.#command('query', 'query', {}))
  }

  close(): Promise<MediaResult<MediaStatistics>> {
    this.#closing ??= this.#delete()

    return this.#closing
  }

  /** A digit of the side with this tag has come to the listener for digits. */
  pressed(tag: string, digit: string): void {
    this.onDigit(tag === this.#tags.party ? 'party' : 'caller', digit)
  }

  /** The server is gone, or has no such session. */
  lose(problem: string): void {
    if (this.#isLost || this.#closing || !this.#isSent) return
    this.#isLost = true
    this.onLost(problem)
  }

  /** Has the media of a side passed on, or not, where the change makes that different, or it is asked for anew. */
  async #pass(from: MediaSide, change: () => unknown, isAskedAnew = false): Promise<MediaResult<undefined>> {
    const isBlocked = (): boolean => this.#blocked.has(from) || this.#playedTo.has(otherOf(from))
    const before = isBlocked()
    change()
    if (isBlocked() === before && !isAskedAnew) return { value: undefined }

    return withoutValue(await this.#command('block', isBlocked() ? 'block media' : 'unblock media', { from }))
  }

  async #describe(
    command: 'offer' | 'answer',
    from: MediaSide,
    sdp: string,
    terms?: MediaTerms,
  ): Promise<MediaResult<string>> {
    const to = otherOf(from)
    const known = (this.#terms[to] = { ...this.#terms[to], ...terms })
    this.#isSent = true
    const fields =
      command === 'offer' ? descriptionFields(known) : descriptionFields({ isBehindNat: known.isBehindNat })
    const done = await this.#command(
      command,
      command,
      { from: command === 'offer' ? from : to, sdp, ...fields },
      command === 'answer' ? from : to,
    )
    if (done.problem !== undefined) return done
    const described = textOf(done.value.sdp)

    return described === '' ? { problem: 'rtpengine gave no session' } : { value: described }
  }

  async #delete(): Promise<MediaResult<MediaStatistics>> {
    this.#server.forget(this)
    if (!this.#isSent) return { value: {} }
    const done = await this.#command('delete', 'delete', { from: 'caller' })
    if (done.problem !== undefined) this.#server.deleteLater(this.callId)

    return this.#statistics(done)
  }

  #statistics(done: MediaResult<NgDictionary>): MediaResult<MediaStatistics> {
    return done.problem === undefined ? { value: statisticsOf(done.value, this.#tags) } : done
  }

  /** @param to the tag of the other side, where the command has both */
  async #command(
    counted: SessionCommand,
    command: string,
    { from, ...fields }: NgDictionary & { from?: MediaSide },
    to?: MediaSide,
  ): Promise<MediaResult<NgDictionary>> {
    const done = await this.#server.command(counted, {
      command,
      'call-id': this.callId,
      'from-tag': from && this.#tags[from],
      // The first offer has no to-tag: rtpengine would look for that side.
      'to-tag': to && command === 'answer' ? this.#tags[to] : undefined,
      ...fields,
    })
    if (done.result === 'ok') return { value: done.answer }
    if (done.result === 'refused' && done.problem === unknownSession) this.lose(`${this.server} has lost the session`)

    return { problem: `rtpengine ${this.server}: ${done.problem}` }
  }
}

/** rtpengine's words for a session that it does not have. */
const unknownSession = 'Unknown call-id'

const otherOf = (side: MediaSide): MediaSide => (side === 'caller' ? 'party' : 'caller')

function withoutValue({ problem }: MediaResult<unknown>): MediaResult<undefined> {
  return problem === undefined ? { value: undefined } : { problem }
}
