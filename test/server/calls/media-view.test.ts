import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mediaView } from '../../../server/calls/media-view.ts'
import type { LadderView } from '../../../server/legs/views.ts'

type Message = LadderView['messages'][number]

const [callerRtp, agentRtp, deskRtp] = ['192.0.2.10 4000', '192.0.2.20 5000', '192.0.2.30 6000']
const began = Date.UTC(2026, 0, 5, 9)

type MessageParts = [
  leg: Message['leg'],
  direction: 'in' | 'out',
  start: string,
  cseq: string,
  rtp?: string,
  way?: string,
]

/** Messages, one each second. */
class Messages {
  readonly all: Message[] = []

  add(...[leg, direction, start, cseq, rtp, way = 'sendrecv']: MessageParts): this {
    const [address, port] = rtp?.split(' ') ?? []
    const body =
      rtp === undefined
        ? ''
        : `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=${way}\r\n`
    const text = `${start}\r\nCall-ID: ${leg}\r\nCSeq: ${cseq}\r\n\r\n${body}`
    const at = new Date(began + this.all.length * 1000).toISOString()
    this.all.push({ at, leg, direction, local: 'b:1', remote: 'p:2', transport: 'udp', text })

    return this
  }

  get talks() {
    return this.talksOf(false)
  }

  talksOf(isAnchored: boolean) {
    return mediaView({ messages: this.all }, isAnchored).talks.map(({ from, until, parties, flow, hears, codec }) => [
      (Date.parse(from) - began) / 1000,
      until === undefined ? undefined : (Date.parse(until) - began) / 1000,
      ...[parties.join(' '), flow, hears.join(' '), codec],
    ])
  }
}

const ok = 'SIP/2.0 200 OK'
const invite = 'INVITE sip:x SIP/2.0'
const connected = () =>
  new Messages()
    .add('caller', 'in', invite, '1 INVITE', callerRtp)
    .add('agent', 'out', invite, '1 INVITE', callerRtp)
    .add('agent', 'in', ok, '1 INVITE', agentRtp)
    .add('caller', 'out', ok, '1 INVITE', agentRtp)

describe('where media went', () => {
  it('is known of a party whose media goes through a media server, which has addresses of its own', () => {
    const [toAgent, toDesk, toCaller] = ['198.51.100.9 30000', '198.51.100.9 30020', '198.51.100.9 30040']
    const messages = new Messages()
      .add('caller', 'in', invite, '1 INVITE', callerRtp)
      .add('agent', 'out', invite, '1 INVITE', toCaller)
      .add('agent', 'in', ok, '1 INVITE', agentRtp)
      .add('caller', 'out', ok, '1 INVITE', toAgent)
      .add('destination', 'out', invite, '1 INVITE', '198.51.100.9 30060')
      .add('destination', 'in', ok, '1 INVITE', deskRtp)
      .add('caller', 'out', invite, '2 INVITE', toDesk)
      .add('caller', 'in', ok, '2 INVITE', callerRtp)
      .add('caller', 'out', invite, '3 INVITE', toAgent)
      .add('caller', 'in', ok, '3 INVITE', callerRtp)
    assert.deepEqual(messages.talksOf(true), [
      [3, 7, 'caller agent', 'both', 'caller agent', 'PCMU'],
      [7, 9, 'caller destination', 'both', 'caller destination', 'PCMU'],
      [9, undefined, 'caller agent', 'both', 'caller agent', 'PCMU'],
    ])
    assert.deepEqual(messages.talksOf(false), [])
    messages.add('agent', 'in', 'BYE sip:x SIP/2.0', '2 BYE')
    assert.equal(messages.talksOf(true).at(-1)?.[1], 10)
  })

  it('is with the agent from the answer on, and with the destination from the re-INVITE on', () => {
    const messages = connected()
      .add('destination', 'out', invite, '1 INVITE', callerRtp)
      .add('destination', 'in', ok, '1 INVITE', deskRtp)
      .add('caller', 'out', invite, '2 INVITE', deskRtp)
      .add('caller', 'in', ok, '2 INVITE', callerRtp)
      .add('agent', 'out', 'BYE sip:x SIP/2.0', '2 BYE')
      .add('caller', 'in', 'BYE sip:x SIP/2.0', '2 BYE')

    assert.deepEqual(messages.talks, [
      [3, 7, 'caller agent', 'both', 'caller agent', 'PCMU'],
      [7, 9, 'caller destination', 'both', 'caller destination', 'PCMU'],
    ])
  })

  it('is one way while a party is on hold that hears music, and none while both are inactive', () => {
    const held = (way: string, answer: string) =>
      connected()
        .add('agent', 'in', invite, '5 INVITE', agentRtp, way)
        .add('caller', 'out', invite, '5 INVITE', agentRtp, way)
        .add('caller', 'in', ok, '5 INVITE', callerRtp, answer)
        .add('agent', 'out', ok, '5 INVITE', callerRtp, answer).talks

    assert.deepEqual(held('sendonly', 'recvonly').at(-1)?.slice(2, 5), ['caller agent', 'one_way', 'caller'])
    assert.deepEqual(held('inactive', 'inactive').at(-1)?.slice(2, 5), ['caller agent', 'none', ''])
  })

  it('is as before when an offer is refused', () => {
    const messages = connected()
      .add('caller', 'out', invite, '7 INVITE', deskRtp)
      .add('caller', 'in', 'SIP/2.0 488 Not Acceptable Here', '7 INVITE')

    assert.deepEqual(messages.talks, [[3, undefined, 'caller agent', 'both', 'caller agent', 'PCMU']])
  })

  it('follows an offer in the 2xx, which the ACK answers', () => {
    const messages = new Messages()
      .add('caller', 'in', invite, '1 INVITE')
      .add('agent', 'out', invite, '1 INVITE')
      .add('agent', 'in', ok, '1 INVITE', agentRtp)
      .add('caller', 'out', ok, '1 INVITE', agentRtp)
      .add('caller', 'in', 'ACK sip:x SIP/2.0', '1 ACK', callerRtp)
      .add('agent', 'out', 'ACK sip:x SIP/2.0', '1 ACK', callerRtp)

    assert.deepEqual(messages.talks, [[5, undefined, 'caller agent', 'both', 'caller agent', 'PCMU']])
  })

  it('is read from any text without an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 200 }), { maxLength: 5 }), (texts) => {
        const [first] = connected().all
        assert.ok(first)
        const messages = texts.map((text) => ({ ...first, text: `${first.text}${text}` }))
        assert.equal(mediaView({ messages }).talks.length, 0)
      }),
    )
  })
})
