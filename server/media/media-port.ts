import { resolve } from 'node:path'
import type { MediaSide, MediaStatistics } from './media-statistics.ts'

/**
 * The media port: how the server has audio go through a media server instead of between the parties. `rtpengine/` is its
 * adapter. No method throws or rejects: a media server that is dead, hung or restarted is a result with its `problem`, within
 * the time-out of a command.
 *
 * A session has two sides, `caller` (Baton's own: the party that the other one is connected with) and `party` (the agent or
 * destination). `offer` and `answer` take the description of one side and give the one for the other side:
 *
 *     const session = media.open(leg.callId)
 *     const offered = await session.offer('caller', callersSdp, { encryption: 'srtp' })
 *     // INVITE with offered.value; its 200 has the party's session
 *     const answered = await session.answer('party', partysSdp)
 *     await session.play('party', { file: '/sounds/who-is-calling.wav' })
 *     session.onDigit = (from, digit) => …
 *     session.close()
 */
export interface MediaPort {
  readonly kind: 'rtpengine'
  /** `refuse`: what needs a media server fails without one. `direct`: media goes between the parties then. */
  readonly fallback: 'direct' | 'refuse'
  /** A session on the least loaded server; no message is sent yet. Undefined while no server is up. */
  open(name: string): MediaSession | undefined
  readonly servers: readonly MediaServerState[]
  /** Why some or all servers serve no calls; undefined while all do. */
  readonly problem: string | undefined
  readonly counts: MediaCounts
  /** Resolves when each server has been asked once, answered or not. Rejects, naming the setting, when it cannot listen for digits. */
  start(): Promise<void>
  /** Idempotent. Deletes the sessions that are left. */
  close(): Promise<void>
}

/** What came of a command to a media server. */
export type MediaResult<T> = { readonly value: T; readonly problem?: undefined } | { readonly problem: string }

/** What the other side is offered, where it differs from the description. */
export interface MediaTerms {
  /** `rtp`, `srtp` (keys by SDES, RFC 4568) or `dtls` (RFC 5764, with ICE); the same as the description's when left out. */
  encryption?: 'rtp' | 'srtp' | 'dtls' | undefined
  /** Codecs that are offered beside those of the description, and transcoded where they are chosen: PCMA, opus … */
  transcode?: readonly string[] | undefined
  /** The address family of the other side; that of the description when left out. */
  family?: 'IP4' | 'IP6' | undefined
  /** Milliseconds of audio in a packet to the other side. */
  ptimeMs?: number | undefined
  /** Candidates (RFC 8445) are taken out, or offered by the media server. */
  ice?: 'remove' | 'force' | undefined
  /** RTP is sent where it comes from: the address of the description is behind NAT. */
  isBehindNat?: boolean | undefined
}

/** The largest audio that goes along with a command: a datagram holds it beside the command's fields. */
export const maxCommandAudioBytes = 60_000

/** Audio that is played: a file on the media server's machine, or the bytes of a short one (WAV). */
export type PlayedAudio = { readonly file: string } | { readonly bytes: Buffer }

/**
 * Audio as a media server plays it: short audio by its bytes, long audio by its path, which the media server's machine must
 * have, too.
 */
export function asPlayed(bytes: Buffer, path: string): PlayedAudio {
  return bytes.length <= maxCommandAudioBytes ? { bytes } : { file: resolve(path) }
}

/** Where what is played comes from. */
export interface AudioSources {
  /** An audio file by its digest; undefined for one that is not kept. */
  file(digest: string): Promise<PlayedAudio | undefined>
  /** A text as audio. Never rejects. */
  spoken(text: string): Promise<MediaResult<PlayedAudio>>
}

export interface MediaSession {
  /** The server's `host:port`. */
  readonly server: string
  /** The session's Call-ID on the server. */
  readonly callId: string
  /** The other side's description, of this side's offer. */
  offer(from: MediaSide, sdp: string, terms?: MediaTerms): Promise<MediaResult<string>>
  /** The other side's description, of this side's answer to the last offer. */
  answer(from: MediaSide, sdp: string, terms?: MediaTerms): Promise<MediaResult<string>>
  /**
   * Plays audio to one side, which does not hear the other one until `stopMedia`: silence follows the last repeat. Gives the
   * duration in milliseconds of one run, 0 when unknown.
   */
  play(to: MediaSide, audio: PlayedAudio, repeats?: number): Promise<MediaResult<number>>
  stopMedia(to: MediaSide): Promise<MediaResult<undefined>>
  /** Whether the media that comes from this side is passed on to the other. */
  blockMedia(from: MediaSide, isBlocked: boolean): Promise<MediaResult<undefined>>
  /**
   * Has the server write what both sides say from now on into a file of its own, which begins with the session's Call-ID.
   *
   * @param note is written beside the file, for who collects recordings
   */
  record(note: string): Promise<MediaResult<undefined>>
  /** Ends the file; another `record` begins a further one. */
  stopRecording(): Promise<MediaResult<undefined>>
  query(): Promise<MediaResult<MediaStatistics>>
  /** Gets the digits of RFC 4733 telephone-events of each side, and of in-band tones where the server detects these. */
  onDigit: (from: MediaSide, digit: string) => void
  /** The server has restarted or does not answer: the session is gone, and another is to be opened. At most once. */
  onLost: (problem: string) => void
  /** Deletes the session on the server, now or when the server is back. Idempotent. Resolves with the last statistics. */
  close(): Promise<MediaResult<MediaStatistics>>
}

export interface MediaServerState {
  /** `host:port` */
  readonly name: string
  readonly isUp: boolean
  readonly sessions: number
  readonly problem: string | undefined
}

export type MediaCommand =
  'offer' | 'answer' | 'delete' | 'query' | 'play' | 'stop' | 'block' | 'record' | 'ping' | 'list'
export type MediaCommandResult = 'ok' | 'refused' | 'timeout' | 'unreachable'

/** Commands that have ended, by `command result`. */
type MediaCounts = ReadonlyMap<`${MediaCommand} ${MediaCommandResult}`, number>
