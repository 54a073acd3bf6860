import type { AnchorReason } from './anchor.ts'
import { type AnchorResult, LegMedia } from './leg-media.ts'
import type { MediaPort } from './media-port.ts'

/** The media of all legs that Baton calls, where MEDIA names a media server. */
export class MediaAnchors {
  readonly port: MediaPort
  /** What came of legs that had a reason to be anchored, by `reason result`. */
  readonly counts = new Map<`${AnchorReason} ${AnchorResult}`, number>()

  constructor(port: MediaPort) {
    this.port = port
  }

  /** The media of a leg with this Call-ID: direct until `anchorFor`. */
  newLeg(callId: string): LegMedia {
    return new LegMedia(this.port, callId, {
      anchored: (result, { reason }) => {
        const key = `${reason} ${result}` as const
        this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
      },
    })
  }
}
