export type MediaSide = 'caller' | 'party'

/** What came from one side of a session, as the media server has counted it. */
export interface ReceivedMedia {
  codec: string
  encryption: 'none' | 'sdes' | 'dtls'
  /** RTP packets that have come from this side. */
  packets: number
  /** Packets that were lost on the way from this side, by its sequence numbers and RTCP. */
  lost: number
  /** Milliseconds (RFC 3550 6.4.1); undefined without RTCP. */
  jitterMs: number | undefined
  /** Mean opinion score from 1.0 to 4.5 (ITU-T G.107), estimated of loss, jitter and delay; undefined without RTCP. */
  mos: number | undefined
  /** Packets of wrong addresses, or that could not be decrypted. */
  errors: number
}

export type MediaStatistics = Partial<Record<MediaSide, ReceivedMedia>>
