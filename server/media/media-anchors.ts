import type { Clock } from '../../engine/index.ts'
import type { AnchorReason } from './anchor.ts'
import { type AnchorResult, LegMedia } from './leg-media.ts'
import type { AudioSources, MediaPort } from './media-port.ts'
import type { MediaSide } from './media-statistics.ts'

/** The media of all legs that Baton calls, where MEDIA names a media server. */
export class MediaAnchors {
  readonly port: MediaPort
  readonly audio: AudioSources
  /** What came of legs that had a reason to be anchored, by `reason result`. */
  readonly counts = new Map<`${AnchorReason} ${AnchorResult}`, number>()

  /** Answered sessions that no packet came from one side of, or from either, by side. */
  readonly silent = new Map<MediaSide | 'both', number>()
  readonly #clock: Clock

  constructor(port: MediaPort, clock: Clock, audio: AudioSources) {
    this.port = port
    this.#clock = clock
    this.audio = audio
  }

  /** The media of a leg with this Call-ID: direct until `anchorFor`. */
  newLeg(callId: string): LegMedia {
    return new LegMedia(this.port, callId, this.#clock, {
      anchored: (result, { reason }) => {
        count(this.counts, `${reason} ${result}`)
      },
      foundSilent: ([first = 'caller', second]) => {
        count(this.silent, second ? 'both' : first)
      },
    })
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
