import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ladderPcap } from '../../../server/calls/ladder-pcap.ts'
import type { LadderView } from '../../../server/legs/views.ts'
import { readPcap } from '../../harness/pcap.ts'

type Message = LadderView['messages'][number]

const began = Date.UTC(2026, 0, 5, 9)
const baton = '192.0.2.1:5060'
const message = (fields: Partial<Message>): Message => ({
  at: new Date(began).toISOString(),
  leg: 'caller',
  direction: 'in',
  local: baton,
  remote: '198.51.100.7:5061',
  transport: 'udp',
  text: 'OPTIONS sip:x SIP/2.0\r\n\r\n',
  ...fields,
})
const captured = (...messages: Message[]) => readPcap(Buffer.concat([...ladderPcap({ messages })]))

describe('a ladder as a capture file', () => {
  it('has each message at its time, from its sender to its receiver, over UDP and TCP, IPv4 and IPv6', () => {
    const [six, peer] = ['[2001:db8::1]:5060', '[2001:db8::7]:40000']
    const frames = captured(
      message({ text: 'INVITE sip:x SIP/2.0\r\n\r\nGrüße' }),
      message({ direction: 'out', at: new Date(began + 1_502).toISOString(), text: 'SIP/2.0 100 Trying\r\n\r\n' }),
      message({ local: six, remote: peer, transport: 'tcp', text: 'ACK sip:x SIP/2.0\r\n\r\n' }),
    )

    assert.deepEqual(frames, [
      {
        ...{ atMs: began, protocol: 'udp', from: '198.51.100.7:5061', to: baton },
        payload: 'INVITE sip:x SIP/2.0\r\n\r\nGrüße',
      },
      {
        ...{ atMs: began + 1_502, protocol: 'udp', from: baton, to: '198.51.100.7:5061' },
        payload: 'SIP/2.0 100 Trying\r\n\r\n',
      },
      {
        ...{ atMs: began, protocol: 'tcp', sequence: 1, acknowledged: 1, payload: 'ACK sip:x SIP/2.0\r\n\r\n' },
        from: '[2001:0db8:0000:0000:0000:0000:0000:0007]:40000',
        to: '[2001:0db8:0000:0000:0000:0000:0000:0001]:5060',
      },
    ])
  })

  it('numbers the bytes of each connection, whatever goes over it, in both directions', () => {
    const connection = { remote: '198.51.100.7:40000', transport: 'wss' }
    const frames = captured(
      message({ ...connection, text: '12345' }),
      message({ ...connection, direction: 'out', text: '123' }),
      message({ remote: '198.51.100.7:40001', transport: 'tls', text: '1' }),
      message({ ...connection, text: '6789' }),
      message({ ...connection, direction: 'out', text: '456' }),
    )

    assert.deepEqual(
      frames.map(({ sequence, acknowledged }) => [sequence, acknowledged]),
      [
        [1, 1],
        [1, 6],
        [1, 1],
        [6, 4],
        [4, 10],
      ],
    )
  })

  it('divides a message that exceeds a segment', () => {
    const text = 'x'.repeat(150_000)
    const frames = captured(message({ transport: 'tcp', text }), message({ transport: 'tcp', text: 'next' }))

    assert.equal(frames.length, 4)
    assert.equal(frames.map(({ payload }) => payload).join(''), `${text}next`)
    assert.equal(frames[3]?.sequence, 150_001)
  })

  it('has 0.0.0.0 where a message has no IP address', () => {
    const [frame] = captured(message({ remote: 'gateway.example:70000' }))

    assert.equal(frame?.from, '0.0.0.0:0')
  })

  it('is an empty capture when no message is kept', () => {
    assert.deepEqual(captured(), [])
  })

  it('is right in every length, checksum and sequence number, whatever was said', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((text) => `[${text}]`),
    )
    const end = fc.tuple(address, fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `${host}:${port}`)
    const anyMessage = fc.record({
      direction: fc.constantFrom('in', 'out'),
      local: end,
      remote: end,
      transport: fc.constantFrom('udp', 'tcp', 'tls', 'ws', 'wss'),
      text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
    })
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 8 }), (messages) => {
        const frames = captured(...messages.map((fields) => message(fields)))

        assert.deepEqual(
          frames.map(({ protocol, payload }) => [protocol, payload]),
          messages.map(({ transport, text }) => [transport === 'udp' ? 'udp' : 'tcp', text]),
        )
      }),
    )
  })
})
