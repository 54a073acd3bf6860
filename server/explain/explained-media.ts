import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { PlanWarning } from '../../routes/index.ts'
import { MediaAnchors } from '../media/index.ts'
import type { MediaPort, MediaSession, MediaTerms } from '../media/media-port.ts'
import { withoutSrtp } from '../media/srtp.ts'

/** The address that stands for the one that an rtpengine chooses at the moment, and its port. */
const explainedMediaHost = 'rtpengine.invalid'
const explainedMediaPort = 30_000

/** The media servers of an explained call, which have room and answer at once; undefined where MEDIA names none. */
export function explainedMedia({ media }: Settings, clock: Clock): MediaAnchors | undefined {
  if (media.kind !== 'rtpengine') return undefined
  const port: MediaPort = {
    ...{ kind: 'rtpengine', fallback: media.fallback, servers: [explainedServer], problem: undefined },
    counts: new Map(),
    open: () => explainedSession(),
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }

  return new MediaAnchors(port, clock, {
    file: () => Promise.resolve({ bytes: Buffer.alloc(0) }),
    spoken: () => Promise.resolve({ value: { bytes: Buffer.alloc(0) } }),
  })
}

const explainedServer = { name: explainedMediaHost, isUp: true, sessions: 0, problem: undefined }
const done = Promise.resolve({ value: undefined })
const nothingCounted = Promise.resolve({ value: {} })

function explainedSession(): MediaSession {
  return {
    ...{ server: explainedMediaHost, callId: '', onDigit: () => undefined, onLost: () => undefined },
    offer: (_from, sdp, terms) => Promise.resolve({ value: describedByServer(sdp, terms) }),
    answer: (_from, sdp, terms) => Promise.resolve({ value: describedByServer(sdp, terms) }),
    play: () => Promise.resolve({ value: 0 }),
    stopMedia: () => done,
    blockMedia: () => done,
    record: () => done,
    stopRecording: () => done,
    query: () => nothingCounted,
    close: () => nothingCounted,
  }
}

/** The session as an rtpengine describes it under these terms: with its own address, port and key, and codecs that it transcodes. */
function describedByServer(sdp: string, { encryption, family, transcode = [] }: MediaTerms = {}): string {
  const keyed = encryption === 'rtp' ? withoutSrtp(sdp) : sdp
  const [session = '', ...media] = keyed.split(/^(?=m=)/m)
  const sections = media.map((section) => {
    const secured =
      encryption === 'srtp' ? `${section.replace(/ RTP\/AVP(F?) /, ' RTP/SAVP$1 ')}${explainedKey}` : section
    const moved = secured.replace(/^(m=\S+) (?!0 )\d+/, `$1 ${explainedMediaPort}`)

    return moved.startsWith('m=audio') ? withCodecs(moved, transcode) : moved
  })

  return [session, ...sections].join('').replace(/^([oc]=.*)\bIN (IP[46]) \S+/gm, (_, start: string, own: string) => {
    return `${start}IN ${family ?? own} ${explainedMediaHost}`
  })
}

const explainedKey = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}\r\n`
/** RFC 3551 6; Opus has a dynamic payload type. */
const offeredCodecs: Readonly<Record<string, string>> = {
  PCMU: '0 PCMU/8000',
  PCMA: '8 PCMA/8000',
  G722: '9 G722/8000',
  opus: '96 opus/48000/2',
}

function withCodecs(section: string, transcode: readonly string[]): string {
  const codecs = transcode.flatMap((name) => offeredCodecs[name] ?? [])
  const formats = codecs.map((codec) => ` ${codec.split(' ', 1)[0]}`).join('')

  return section.replace(/^(m=.*?)(\r?\n)/, `$1${formats}$2`) + codecs.map((codec) => `a=rtpmap:${codec}\r\n`).join('')
}

/** Says of a message whose media goes through an rtpengine which parts of its session that server decides. */
export function mediaWarning(text: string): Pick<PlanWarning, 'code' | 'detail'> | undefined {
  if (!text.includes(explainedMediaHost)) return undefined
  const key = text.includes(explainedKey) ? ', and AAAA… for its key' : ''
  const detail =
    `its media goes through an rtpengine: ${explainedMediaHost} and ${explainedMediaPort} stand for the address and port that it chooses${key}; ` +
    'it also writes its own a=rtcp, and its own candidates in the place of those of ICE'

  return { code: 'anchored', detail }
}
