import assert from 'node:assert/strict'
import { ladderText } from '../../../server/calls/ladder-text.ts'
import type { LadderView } from '../../../server/legs/views.ts'

type Message = LadderView['messages'][number]

const ports = { caller: 5061, agent: 5090, destination: 5092 }
const message = (ms: number, leg: Message['leg'], direction: Message['direction'], text: string): Message => ({
  at: new Date(Date.UTC(2026, 0, 5, 9) + ms).toISOString(),
  leg,
  direction,
  local: '127.0.0.1:5060',
  remote: `127.0.0.1:${ports[leg]}`,
  transport: 'udp',
  text,
})

describe('a ladder drawn as text', () => {
  it('shows every message between its legs, in order, with times and the details that distinguish it', () => {
    const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n'
    const text = ladderText({
      messages: [
        message(0, 'caller', 'in', `INVITE sip:+14155550100@127.0.0.1 SIP/2.0\r\nX-Ticket: 42\r\n\r\n${sdp}`),
        message(1, 'caller', 'out', 'SIP/2.0 100 Trying\r\n\r\n'),
        message(2, 'agent', 'out', `INVITE sip:agent@127.0.0.1:5090 SIP/2.0\r\nX-Baton-Call-Id: 1\r\n\r\n${sdp}`),
        message(502, 'agent', 'out', `INVITE sip:agent@127.0.0.1:5090 SIP/2.0\r\nX-Baton-Call-Id: 1\r\n\r\n${sdp}`),
        message(900, 'agent', 'in', `SIP/2.0 200 OK\r\n\r\n${sdp}`),
        message(2000, 'caller', 'out', 'REFER sip:x SIP/2.0\r\nr: <sip:x@y>\r\nX-Account: acct-1\r\n\r\n'),
        message(2100, 'caller', 'in', 'NOTIFY sip:x SIP/2.0\r\n\r\nSIP/2.0 180 Ringing\r\n'),
        message(3000, 'destination', 'in', 'SIP/2.0 486 Busy Here\r\n\r\n'),
      ],
    })

    assert.equal(
      text,
      `                  caller                  Baton                   agent                destination
            udp 127.0.0.1:5061      udp 127.0.0.1:5060      udp 127.0.0.1:5090      udp 127.0.0.1:5092
                    |                       |                       |                       |
   0.000            |---- INVITE (SDP) ---->|                       |                       |  X-Ticket: 42
   0.001            |<---- 100 Trying ------|                       |                       |
   0.002            |                       |---- INVITE (SDP) ---->|                       |
   0.502            |                       |---- INVITE (SDP) ---->|                       |  (again)
   0.900            |                       |<--- 200 OK (SDP) -----|                       |
   2.000            |<------- REFER --------|                       |                       |  r: <sip:x@y>
                    |                       |                       |                       |  X-Account: acct-1
   2.100            |------- NOTIFY ------->|                       |                       |  SIP/2.0 180 Ringing
   3.000            |                       |<--------------- 486 Busy Here ----------------|
`,
    )
  })

  it('leaves out the roles without a leg', () => {
    const [heading] = ladderText({ messages: [message(0, 'caller', 'in', 'OPTIONS sip:x SIP/2.0\r\n\r\n')] }).split(
      '\n',
    )

    assert.equal(heading?.trim().replace(/ +/g, ' '), 'caller Baton')
  })

  it('says so when no message has been kept', () => {
    assert.equal(ladderText({ messages: [] }), 'No SIP message has been kept of this call.\n')
  })

  it('is plain text, whatever a peer sent', () => {
    const text = ladderText({
      messages: [
        message(0, 'caller', 'in', 'SIP/2.0 200 \x1b[2JOK\r\n\r\n'),
        message(1, 'caller', 'in', `BYE sip:x SIP/2.0\r\nX-Evil: \x1b]0;x\x07\x9b\n${'y'.repeat(500)}\r\n\r\n`),
        message(2, 'caller', 'in', ''),
        message(3, 'caller', 'in', 'nonsense'),
      ],
    })

    assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    for (const line of text.split('\n')) assert.ok(line.length < 250, line)
  })
})
