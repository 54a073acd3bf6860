import { defined } from '../../../base/defined.ts'
import type { MediaSide, MediaStatistics, ReceivedMedia } from '../media-statistics.ts'
import { dictionaryOf, listOf, numberOf, textOf, type NgDictionary } from './bencode.ts'

/** The statistics in rtpengine's answer to `query` or `delete`, of the sides whose tags these are. */
export function statisticsOf(answer: NgDictionary, tags: Readonly<Record<MediaSide, string>>): MediaStatistics {
  const all = dictionaryOf(answer.tags)
  const ssrcs = dictionaryOf(answer.SSRC)
  const sideOf = (side: MediaSide): ReceivedMedia | undefined => receivedOf(dictionaryOf(all[tags[side]]), ssrcs)

  return defined({ caller: sideOf('caller'), party: sideOf('party') })
}

/** The first audio stream of a side. */
function receivedOf(tag: NgDictionary, ssrcs: NgDictionary): ReceivedMedia | undefined {
  const media = listOf(tag.medias)
    .map(dictionaryOf)
    .find(({ type }) => type === 'audio')
  if (!media) return undefined
  const streams = listOf(media.streams).map(dictionaryOf)
  const rtp = streams.find((stream) => listOf(stream.flags).includes('RTP')) ?? {}
  const counted = dictionaryOf(rtp.stats)
  const heard = dictionaryOf(ssrcs[String(numberOf(rtp.SSRC))])
  const average = dictionaryOf(heard['average MOS'])
  const hasReports = numberOf(average.samples) > 0

  return {
    codec: textOf(media.codec).split('/', 1)[0] ?? '',
    encryption: encryptionOf(textOf(media.protocol), listOf(media.flags)),
    packets: numberOf(counted.packets),
    lost: numberOf(heard['packets lost']),
    jitterMs: hasReports ? numberOf(average.jitter) : undefined,
    // rtpengine gives tenths.
    mos: hasReports ? numberOf(average.MOS) / 10 : undefined,
    errors: numberOf(counted.errors),
  }
}

function encryptionOf(protocol: string, flags: readonly unknown[]): ReceivedMedia['encryption'] {
  if (!/SAVPF?$/.test(protocol)) return 'none'

  return flags.includes('DTLS-SRTP') || protocol.startsWith('UDP/TLS') ? 'dtls' : 'sdes'
}
