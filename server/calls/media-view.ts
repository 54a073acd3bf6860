import { Type, type Static } from 'typebox'
import { LadderView, type PartyRole } from '../legs/views.ts'
import { directionsOf } from '../media/session-state.ts'

const { at: Time, leg: Leg } = LadderView.properties.messages.items.properties

const Stream = Type.Object({
  type: Type.String({ description: 'audio, video, image …' }),
  address: Type.String({ description: 'Where its party wants media: address:port; port 0 refuses the stream' }),
  codecs: Type.Array(Type.String(), { description: 'By preference, such as PCMU and opus' }),
  direction: Type.Enum(['sendrecv', 'sendonly', 'recvonly', 'inactive'], {
    description: 'As the sender of the description sees it; inactive and sendonly put the other side on hold',
  }),
  encrypted: Type.Boolean({ description: 'SRTP' }),
})

export const MediaView = Type.Object(
  {
    sessions: Type.Array(
      Type.Object({
        at: Time,
        leg: Leg,
        direction: Type.Enum(['in', 'out'], { description: 'in: the party’s own; out: what Baton told the party' }),
        message: Type.String({ description: 'The message that had it: INVITE, 200 OK …' }),
        streams: Type.Array(Stream),
      }),
      { description: 'The session descriptions of the ladder, in order' },
    ),
    talks: Type.Array(
      Type.Object({
        from: Time,
        until: Type.Optional(Type.String({ format: 'date-time', description: 'Left out while it goes on' })),
        parties: Type.Array(Leg, { description: 'The two whose addresses were given to each other' }),
        flow: Type.Enum(['both', 'one_way', 'none'], { description: 'none: on hold' }),
        hears: Type.Array(Leg, { description: 'Those of the two who could hear the other' }),
        codec: Type.String({ description: 'The first one that both named; empty when there is none' }),
      }),
      { description: 'Who was told to exchange media with whom, and when' },
    ),
  },
  { title: 'Media' },
)
export type MediaView = Static<typeof MediaView>
type DescribedSession = MediaView['sessions'][number]
type DescribedStream = DescribedSession['streams'][number]
type MediaInterval = MediaView['talks'][number]
type DescribingMessage = LadderView['messages'][number]

/** One dialog: the party's own description, and the one that the party was told. */
interface DescribedDialog {
  leg: PartyRole
  own?: DescribedStream
  told?: DescribedStream
}

/**
 * Where media went, read from the descriptions of a ladder. An offer counts once its answer is there; one that
 * is refused changes nothing (RFC 3264 4).
 *
 * @param isAnchored whether media of the call goes through a media server: the caller is told an address of that server then.
 * It stands for the party that was described last before the caller was told of it
 */
export function mediaView({ messages }: LadderView, isAnchored = false): MediaView {
  const sessions: DescribedSession[] = []
  const dialogs = new Map<string, DescribedDialog>()
  const offers = new Map<string, DescribedSession>()
  const talks: MediaInterval[] = []
  const anchored = new Map<string, DescribedDialog>()
  for (const message of messages) {
    const { callId, cseq, method, status } = read(message.text)
    const session = sessionOf(message)
    if (session) sessions.push(session)
    const isOver = method === 'BYE' && status === undefined
    if (isOver) dialogs.delete(callId)
    else if (status !== undefined && status >= 300) offers.delete(`${callId} ${cseq}`)
    else if (session) {
      const key = `${callId} ${cseq}`
      const offer = offers.get(key)
      if (!offer || offer.direction === session.direction) offers.set(key, session)
      else {
        agree(dialogs, callId, offer, session)
        if (isAnchored) bind(anchored, dialogs)
      }
    }
    if (isOver || session) follow(talks, dialogs, anchored, message.at)
  }

  return { sessions, talks }
}

function agree(dialogs: Map<string, DescribedDialog>, callId: string, ...sessions: DescribedSession[]): void {
  const dialog = dialogs.get(callId) ?? { leg: sessions[0]?.leg ?? 'caller' }
  for (const { direction, streams } of sessions) {
    const [stream] = streams.filter(({ type }) => type === 'audio')
    if (stream) dialog[direction === 'in' ? 'own' : 'told'] = stream
  }
  dialogs.set(callId, dialog)
}

/** Notes whose media an address of the media server stands for, when the caller is told of it first. */
function bind(anchored: Map<string, DescribedDialog>, dialogs: ReadonlyMap<string, DescribedDialog>): void {
  const { caller, party } = pairOf([...dialogs.values()])
  const last = [...dialogs.values()].findLast(({ leg, own }) => leg !== 'caller' && own !== undefined)
  const address = caller?.told?.address
  if (address !== undefined && !party && last && !anchored.has(address)) anchored.set(address, last)
}

/** Ends the interval of two parties that no longer have each other's addresses, and begins that of the two that have. */
function follow(
  talks: MediaInterval[],
  dialogs: ReadonlyMap<string, DescribedDialog>,
  anchored: ReadonlyMap<string, DescribedDialog>,
  at: string,
): void {
  const now = talkOf([...dialogs.values()], anchored)
  const last = talks.at(-1)
  const isSame =
    last?.until === undefined && now && last && JSON.stringify({ ...last, from: '' }) === JSON.stringify(now)
  if (isSame) return
  if (last && last.until === undefined) last.until = at
  if (now) talks.push({ ...now, from: at })
}

/** The caller, and the party of the last dialog whose address it was told. */
function pairOf(dialogs: readonly DescribedDialog[]): Partial<Record<'caller' | 'party', DescribedDialog | undefined>> {
  const caller = dialogs.find(({ leg }) => leg === 'caller')
  const party = dialogs.findLast(({ leg, own }) => leg !== 'caller' && own?.address === caller?.told?.address)

  return { caller, party }
}

/** The caller and the party that have each other's addresses, or those that the media server has for them; `from` is empty. */
function talkOf(
  dialogs: readonly DescribedDialog[],
  anchored: ReadonlyMap<string, DescribedDialog>,
): MediaInterval | undefined {
  const { caller, party } = pairOf(dialogs)
  if (!caller?.own) return undefined
  if (party) return party.told?.address === caller.own.address ? intervalOf(caller, party) : undefined
  const served = anchored.get(caller.told?.address ?? '')

  return served && dialogs.includes(served) ? intervalOf(caller, served) : undefined
}

function intervalOf(caller: DescribedDialog, party: DescribedDialog): MediaInterval {
  const hearing: PartyRole[] = []
  if (hears(caller) && sends(party)) hearing.push('caller')
  if (hears(party) && sends(caller)) hearing.push(party.leg)

  return {
    from: '',
    parties: ['caller', party.leg],
    flow: flows[hearing.length] ?? 'none',
    hears: hearing,
    codec: commonCodec(caller.own, party.own),
  }
}

/** The flow of media, by the number of parties that hear the other one. */
const flows = ['none', 'one_way', 'both'] as const

function commonCodec(one: DescribedStream | undefined, other: DescribedStream | undefined): string {
  return other?.codecs.find((codec) => codec !== 'telephone-event' && one?.codecs.includes(codec)) ?? ''
}

function sends({ own, told }: DescribedDialog): boolean {
  return may(own, 'sendonly') && may(told, 'recvonly')
}

function hears({ own, told }: DescribedDialog): boolean {
  return may(own, 'recvonly') && may(told, 'sendonly')
}

/** RFC 3264 8.4: 0.0.0.0 is an older hold. */
function may(stream: DescribedStream | undefined, direction: 'sendonly' | 'recvonly'): boolean {
  if (!stream || stream.address.endsWith(':0') || stream.address.startsWith('0.0.0.0:')) return false

  return stream.direction === 'sendrecv' || stream.direction === direction
}

function read(text: string): { callId: string; cseq: string; method: string; status: number | undefined } {
  const [, status] = /^SIP\/2\.0 (\d{3})/.exec(text) ?? []
  const [, callId = ''] = /^(?:call-id|i)[ \t]*:[ \t]*(\S+)/im.exec(text) ?? []
  const [, cseq = '', method = ''] = /^cseq[ \t]*:[ \t]*(\d+)[ \t]+(\w+)/im.exec(text) ?? []

  return { callId, cseq, method, status: status === undefined ? undefined : Number(status) }
}

function sessionOf({ at, leg, direction, text }: DescribingMessage): DescribedSession | undefined {
  // Also inside multipart/mixed, whose other parts come before or after (RFC 5621).
  const [, description] = /\r\n\r\n(v=0\r?\n[\s\S]*?)(?:\r\n--|$)/.exec(text) ?? []
  if (description === undefined) return undefined
  const [line = ''] = text.split('\r\n', 1)
  const message = line.startsWith('SIP/2.0 ') ? line.slice(8) : (line.split(' ', 1)[0] ?? '')

  return { at, leg, direction, message, streams: streamsOf(description) }
}

function streamsOf(sdp: string): DescribedStream[] {
  const [session = '', ...sections] = sdp.split(/^(?=m=)/m)
  const directions = directionsOf(sdp)

  return sections.map((section, at) => {
    const [line = ''] = section.slice('m='.length).split(/[\r\n]/, 1)
    // RFC 8866 5.14: m=<media> <port>[/<number of ports>] <proto> <fmt> ...
    const [type = '', ports = '', protocol = '', ...formats] = line.split(' ').filter(Boolean)
    const [port = ''] = ports.split('/', 1)
    const address = addressIn(section) ?? addressIn(session) ?? ''
    const names = new Map(staticCodecs)
    for (const [, format = '', name = ''] of section.matchAll(/^a=rtpmap:(\d{1,3}) ([^/\s]{1,64})/gm)) {
      names.set(format, name)
    }

    return {
      type,
      address: `${address.includes(':') ? `[${address}]` : address}:${port}`,
      codecs: formats.map((format) => names.get(format) ?? format),
      direction: (directions[at] ?? 'sendrecv') as DescribedStream['direction'],
      encrypted: protocol.includes('SAVP'),
    }
  })
}

function addressIn(section: string): string | undefined {
  return /^c=IN IP[46] ([^\s/]+)/m.exec(section)?.[1]
}

/** Static payload types that are often sent without `a=rtpmap` (RFC 3551 6). */
const staticCodecs: readonly (readonly [format: string, name: string])[] = [
  ['0', 'PCMU'],
  ['3', 'GSM'],
  ['8', 'PCMA'],
  ['9', 'G722'],
  ['13', 'CN'],
  ['18', 'G729'],
]
