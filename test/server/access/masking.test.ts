import assert from 'node:assert/strict'
import fc from 'fast-check'
import { maskedCall, maskedEvent, maskedLadder } from '../../../server/access/index.ts'
import { callView } from '../api/baton.ts'

const digits = (length: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.stringMatching(/^\d*$/, { size: '+1' }))
    .map(([first, rest]) => `${first}${rest.padEnd(length, '7')}`.slice(0, length))

describe('the number of a caller, for those who may not see it', () => {
  it('is masked wherever it stands, in each format, and no text changes its length', () => {
    const number = '+14155550123'
    const call = callView({
      caller: { uri: `sip:${number}@10.0.0.1`, callId: 'a@b', number, name: '415-555-0123' },
      identity: { 'P-Asserted-Identity': '<tel:+14155550123>, "x" <sip:%2B14155550123@carrier.example>' },
    })
    const shown = maskedCall(call)
    const text = [
      'INVITE sip:+14155550100@10.0.0.2 SIP/2.0',
      'From: "(415) 555 0123" <sip:4155550123@10.0.0.1>;tag=5550123',
      'X-Caller: 0014155550123',
      'Content-Length: 0',
    ].join('\r\n')
    const at = { local: 'a', remote: 'b', transport: 'udp', at: '2026-01-05T09:00:00.000Z' }
    const ladder = maskedLadder({ messages: [{ ...at, leg: 'caller', direction: 'in', text }] }, call)

    assert.equal(shown.caller.number, '+*********23')
    assert.equal(shown.caller.uri, 'sip:+*********23@10.0.0.1')
    assert.equal(shown.caller.name, '***-***-**23')
    assert.equal(shown.called, '+14155550100')
    assert.equal(shown.id, call.id)
    for (const one of [JSON.stringify(shown), ladder.messages[0]?.text ?? '']) assert.doesNotMatch(one, /555.?01(?!00)/)
    assert.equal(ladder.messages[0]?.text.length, text.length)
  })

  it('is masked with another digit behind it, and in a call about the caller', () => {
    const number = '+493012345678'
    const call = callView({ caller: { uri: `sip:${number}@h`, callId: 'a', number } })
    const message = (text: string) => ({
      messages: [
        {
          ...{ at: '2026-01-05T09:00:00.000Z', leg: 'destination' as const, direction: 'out' as const },
          ...{ local: 'a', remote: 'b', transport: 'udp', text },
        },
      ],
    })
    assert.doesNotMatch(JSON.stringify(maskedLadder(message(`X-Key: acct${number}7`), call)), /345678/)

    const consultation = callView({
      caller: { uri: 'sip:agent@h', callId: 'c', number: 'agent' },
      consults: call.id,
    })
    const about = message(`X-Caller: ${number}`)
    assert.doesNotMatch(JSON.stringify(maskedLadder(about, consultation, call)), /345678/)
    // Of a short number, four digits stand in other numbers by chance.
    const short = callView({ caller: { uri: 'sip:4711@h', callId: 'a', number: '4711' } })
    assert.deepEqual(maskedLadder(message('X-Ticket: 1471199'), short), message('X-Ticket: 1471199'))
  })

  it('is masked in the evidence, headers and targets of its transfers, and in events', () => {
    const number = '+493012345678'
    const startedAt = '2026-01-05T09:00:00.000Z'
    const transfer = {
      ...{ id: 't', handoff: 'desk', requestedHandoff: 'desk', requestedBy: 'api' as const, state: 'ended' as const },
      ...{ startedAt, diagnosis: `${number} was moved` },
      attempts: [
        {
          ...{ handoff: 'desk', method: 'invite' as const, target: 'sip:desk@10.0.0.3', startedAt },
          headers: { 'X-Caller': number },
          evidence: [{ at: startedAt, from: 'caller' as const, what: `BYE from 030 12345678` }],
        },
      ],
    }
    const call = callView({ caller: { uri: `sip:${number}@h`, callId: 'a', number }, transfers: [transfer] })
    const base = { id: 1, type: 'transfer.ended' as const, at: startedAt, project: 'demo', environment: 'live' }
    const event = maskedEvent({ ...base, data: { call, transfer } })

    assert.doesNotMatch(JSON.stringify(event), /345678/)
    assert.equal(event.data.transfer?.attempts[0]?.target, 'sip:desk@10.0.0.3')
    assert.deepEqual(maskedEvent({ ...base, data: { version: 4155550123 } }).data, { version: 4155550123 })
  })

  it('is masked for all numbers of four digits and more, and of others nothing is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 15 }).chain(digits), (number) => {
        const call = callView({
          caller: { uri: `sip:+${number}@h.example`, callId: 'c', number: `+${number}` },
          called: 'x',
        })
        const shown = maskedCall(call)
        assert.ok(!JSON.stringify(shown.caller).includes(number))
        assert.equal(shown.caller.number.slice(-2), number.slice(-2))
        assert.equal(shown.caller.number.length, number.length + 1)
      }),
    )
    const anonymous = callView({ caller: { uri: 'sip:anonymous@anonymous.invalid', callId: 'c', number: '' } })
    assert.deepEqual(maskedCall(anonymous), anonymous)
  })
})
