import type { FilteredSession, SessionFilter } from '../sip/stack.ts'
import type { Clock } from '../../engine/index.ts'
import type { Anchor } from './anchor.ts'
import { LegMeter, type SilentSides } from './leg-meter.ts'
import type { MediaPort, MediaResult, MediaSession, MediaTerms, PlayedAudio } from './media-port.ts'
import type { MediaSide, MediaStatistics } from './media-statistics.ts'
import { LegRecording } from './leg-recording.ts'
import { type KeptOrigin, SessionOrigin } from './session-origin.ts'
import { isHeld } from './session-state.ts'
import { sessionTraits } from './session-traits.ts'

/** What has come of the media of a leg that was to be anchored. */
export type AnchorResult = 'anchored' | 'direct' | 'refused' | 'lost'

export interface LegMediaEvents {
  /** The leg is anchored, or is not although there is a reason. */
  anchored(result: AnchorResult, anchor: Anchor): void
  /** No packet has come from these sides of an answered session. */
  foundSilent(sides: SilentSides): void
}

/** The media of an anchored leg as the next process needs it after a crash. */
export interface KeptMedia extends Pick<Anchor, 'reason' | 'terms'> {
  /** Undefined while the leg is not recorded. */
  readonly recording?: string | undefined
  /** Of the descriptions that the leg's peer has got. */
  readonly origin: KeptOrigin
}

/** The last description of one side, and what was made of it for the other side. */
interface Described {
  readonly sdp: string
  readonly filtered: string
  /** Undefined while media is direct. */
  readonly session: MediaSession | undefined
}

const noSession = { problem: 'its media goes through no media server' } as const
const nothingDescribed: Described = { sdp: '', filtered: '', session: undefined }
/** How many servers are asked for one offer: each may take the time-out of a command. */
const maxServers = 3
/** Longer than any call, at the 0.2 seconds of the shortest file. */
const musicRepeats = 100_000

/**
 * The media of a leg that Baton calls: between the parties, or anchored on a media server. As the leg's session filter, each
 * description of the leg's dialog passes through it, in both directions, so that a call and its transfers know no media
 * server: the leg's `remoteSdp` is that of the server then.
 *
 * What plays to a leg, blocks it or records it calls it by its sides: `party` is this leg, and `caller` the party that it is
 * connected with. Who hears its digits sets `onDigit`. Both hold when a lost session gives way to another one.
 */
export class LegMedia implements SessionFilter {
  /** Gets the digits that either side presses (RFC 4733). */
  onDigit: MediaSession['onDigit'] = () => undefined
  /** The server has lost the session: the leg is to be offered the session of its peer again. At most once for each session. */
  onLost: () => void = () => undefined
  readonly #port: MediaPort
  readonly #meter: LegMeter
  readonly #name: string
  readonly #events: LegMediaEvents
  #anchor: Anchor | undefined
  #session: MediaSession | undefined
  readonly #last: Record<MediaSide, Described> = { caller: nothingDescribed, party: nothingDescribed }
  /** RFC 3264 8: the leg's peer sees one origin, whichever server writes its descriptions. */
  #origin = new SessionOrigin()
  #isBlocked = false
  /** What each side hears until it is stopped. */
  readonly #music = new Map<MediaSide, PlayedAudio>()
  #servedMusic: MediaSession | undefined
  readonly recording = new LegRecording(() => this.#session)
  #uses = 0
  #isOver = false
  #closing: Promise<unknown> | undefined

  /** @param name a part of the session's Call-ID on the server */
  constructor(port: MediaPort, name: string, clock: Clock, events: LegMediaEvents) {
    this.#port = port
    this.#name = name
    this.#events = events
    this.#meter = new LegMeter({
      clock,
      query: () => this.#session?.query(),
      isToSend: (side) => !isHeld(this.#last[side].sdp) && !isHeld(this.#last[side].filtered),
      foundSilent: (sides) => {
        events.foundSilent(sides)
      },
    })
  }

  /** Has each description from now on pass through a media server. */
  anchorFor(anchor: Anchor): void {
    this.#anchor = anchor
  }

  /** The media of an anchored leg as the next process needs it; undefined while media is direct. */
  keep(): KeptMedia | undefined {
    if (!this.#anchor) return undefined
    const { reason, terms } = this.#anchor

    return { reason, terms, origin: this.#origin.keep(), recording: this.recording.note }
  }

  /** Takes up what the process before has kept: its session is gone, and `onLost` opens another one. */
  takeUp({ reason, terms, origin, recording }: KeptMedia): void {
    this.recording.takeUp(recording)
    this.#anchor = { reason, terms, direct: undefined }
    this.#origin = SessionOrigin.kept(origin)
  }

  /** Whether the leg is anchored and has no session: it is being offered another one, or is to be. */
  get isLost(): boolean {
    return this.#anchor !== undefined && this.#session === undefined && !this.#isOver
  }

  /** Why the leg is anchored; undefined while its media is direct. */
  get anchor(): Anchor | undefined {
    return this.#anchor
  }

  /** Undefined while media is direct, and before the first description has passed. */
  get session(): MediaSession | undefined {
    return this.#session
  }

  /** The leg's own last description, as it came from its peer; '' before the first. */
  get peerSdp(): string {
    return this.#last.party.sdp
  }

  /** Whether neither side hears the other; also on a session that takes the place of a lost one. */
  async block(isBlocked: boolean): Promise<void> {
    this.#isBlocked = isBlocked
    for (const side of ['caller', 'party'] as const) await this.#session?.blockMedia(side, isBlocked)
  }

  /** Plays audio to one side, once. Gives its milliseconds. */
  async play(to: MediaSide, audio: PlayedAudio): Promise<MediaResult<number>> {
    return this.#session?.play(to, audio) ?? noSession
  }

  /** Plays audio to one side again and again, until `stop`; also on a session that takes the place of a lost one. */
  async playMusic(to: MediaSide, audio: PlayedAudio): Promise<MediaResult<number>> {
    const session = this.#session
    if (!session) return noSession
    this.#servedMusic = session
    this.#music.set(to, audio)
    const playing = await session.play(to, audio, musicRepeats)
    if (playing.problem !== undefined && session === this.#session) this.#music.delete(to)

    return playing
  }

  /** Ends what is played to one side. */
  async stop(to: MediaSide): Promise<void> {
    this.#music.delete(to)
    await this.#session?.stopMedia(to)
  }

  /** The last statistics; those of the whole session once the leg is over. */
  get statistics(): MediaStatistics {
    return this.#meter.statistics
  }

  /** The sides that no packet has come from, of an answered session. */
  get silent(): SilentSides {
    return this.#meter.silent
  }

  /** Whether the leg's INVITE and dialog are over. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Resolves when the sessions that this leg had are deleted, or cannot be; undefined while it had none. */
  get closed(): Promise<unknown> | undefined {
    return this.#closing
  }

  toPeer(role: 'offer' | 'answer', sdp: string): FilteredSession {
    const filtered = this.#through('caller', role, sdp)
    const sent = (session: string | undefined): string | undefined => session && this.#origin.send(session)

    return filtered instanceof Promise ? filtered.then(sent) : sent(filtered)
  }

  fromPeer(role: 'offer' | 'answer', sdp: string): FilteredSession {
    return this.#through('party', role, sdp)
  }

  begun(): void {
    this.#uses += 1
  }

  ended(): void {
    this.#uses -= 1
    if (this.#uses > 0) return
    this.#isOver = true
    this.#close()
  }

  #through(from: MediaSide, role: 'offer' | 'answer', sdp: string): FilteredSession {
    const last = this.#last[from]
    // A message that waited in vain for the one before it: its session would be left on the server.
    if (this.#isOver) return sdp
    if (!this.#anchor) this.#last[from] = { sdp, filtered: sdp, session: undefined }
    else if (last.sdp === sdp && last.session !== undefined && last.session === this.#session) return last.filtered
    else return this.#describe(from, role, sdp, this.#anchor)

    return sdp
  }

  async #describe(from: MediaSide, role: 'offer' | 'answer', sdp: string, anchor: Anchor): Promise<string | undefined> {
    const filtered = role === 'offer' ? await this.#offer(from, sdp, anchor) : await this.#answer(from, sdp)
    this.#last[from] = { sdp, filtered: filtered ?? '', session: this.#session }

    return filtered
  }

  /** An offer opens a session on the next server where the present one does not take it. */
  async #offer(from: MediaSide, sdp: string, anchor: Anchor): Promise<string | undefined> {
    const terms = from === 'caller' ? anchor.terms : this.#callerTerms()
    for (let asked = 0; asked < Math.min(maxServers, this.#port.servers.length); asked++) {
      const session = this.#session ?? this.#open(anchor)
      if (!session) break
      const offered = await session.offer(from, sdp, terms)
      if (offered.problem === undefined) {
        await this.#blockOn(session, from)

        return offered.value
      }
      if (session === this.#session) this.#drop()
    }

    return this.#fallBack(from, sdp, anchor)
  }

  /** Without the server that had the offer, media goes astray until both sides are offered a session of another one. */
  async #answer(from: MediaSide, sdp: string): Promise<string | undefined> {
    const session = this.#session
    const answered = (await session?.answer(from, sdp)) ?? { problem: 'the session is gone' }
    if (answered.problem === undefined) {
      if (session) {
        await this.#blockOn(session, from)
        await this.#playOn(session)
        // A server that records slowly delays no answer.
        this.recording.goOn(session).catch(() => undefined)
      }
      this.#meter.start()

      return answered.value
    }
    if (session && session === this.#session) this.#lose()

    return sdp
  }

  /** A server knows a side from its first description on. */
  async #blockOn(session: MediaSession, side: MediaSide): Promise<void> {
    if (this.#isBlocked) await session.blockMedia(side, true)
  }

  async #playOn(session: MediaSession): Promise<void> {
    if (session === this.#servedMusic) return
    this.#servedMusic = session
    for (const [to, audio] of this.#music) await session.play(to, audio, musicRepeats)
  }

  #open(anchor: Anchor): MediaSession | undefined {
    const session = this.#isOver ? undefined : this.#port.open(this.#name)
    if (!session) return undefined
    this.#session = session
    session.onDigit = (from, digit) => {
      this.onDigit(from, digit)
    }
    session.onLost = () => {
      if (session === this.#session) this.#lose()
    }
    this.#events.anchored('anchored', anchor)

    return session
  }

  /** No server takes the session: media goes between the parties, where these can do without one and MEDIA_FALLBACK lets them. */
  #fallBack(from: MediaSide, sdp: string, anchor: Anchor): string | undefined {
    const direct = this.#port.fallback === 'direct' ? anchor.direct : undefined
    this.#events.anchored(direct ? 'direct' : 'refused', anchor)
    if (!direct) return undefined
    this.#anchor = undefined

    return from === 'caller' ? direct(sdp) : sdp
  }

  /** What the caller's side is offered: as it has described itself. */
  #callerTerms(): MediaTerms {
    return sessionTraits(this.#last.caller.sdp)
  }

  #lose(): void {
    if (this.#anchor) this.#events.anchored('lost', this.#anchor)
    this.#drop()
    this.onLost()
  }

  #drop(): void {
    const session = this.#session
    this.#session = undefined
    this.#meter.stop()
    if (session) this.#closing = Promise.all([this.#closing, session.close()])
  }

  #close(): void {
    const session = this.#session
    this.#session = undefined
    this.#meter.stop()
    if (!session) return
    const measured = session.close().then((last) => {
      this.#meter.note(last)
    })
    this.#closing = Promise.all([this.#closing, measured])
  }
}
