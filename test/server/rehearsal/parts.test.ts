import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { isComplete, PendingRehearsals } from '../../../server/rehearsal/rehearsal.ts'
import { reachable } from '../../../server/rehearsal/script.ts'
import { uriAt } from '../../../server/rehearsal/party.ts'
import { readReferTo } from '../../../server/rehearsal/synthetic-parties.ts'
import type { LadderView } from '../../../server/legs/views.ts'
import type { SipAddress, SipRequest } from '../../../server/sip/stack.ts'

const inviteWith = (token: string | undefined): SipRequest => ({ header: () => token }) as unknown as SipRequest

describe('the token of a rehearsal', () => {
  it('admits one call', () => {
    const pending = new PendingRehearsals()
    const token = pending.expect({ agents: ['sip:a@127.0.0.1'] })

    assert.deepEqual(pending.claim(inviteWith(token)), { agents: ['sip:a@127.0.0.1'] })
    assert.equal(pending.claim(inviteWith(token)), undefined)
  })

  it('cannot be guessed from another, and is required', () => {
    const pending = new PendingRehearsals()
    const [one, other] = [pending.expect({}), pending.expect({})]

    assert.notEqual(one, other)
    assert.ok(Buffer.from(one, 'base64url').length >= 16)
    assert.equal(pending.claim(inviteWith(undefined)), undefined)
    assert.equal(pending.claim(inviteWith('')), undefined)
  })

  it('is invalid once it is forgotten', () => {
    const pending = new PendingRehearsals()
    const token = pending.expect({})
    pending.forget(token)

    assert.equal(pending.claim(inviteWith(token)), undefined)
  })
})

describe('where a rehearsal reaches Baton', () => {
  const at = (transport: SipAddress['transport'], address: string): SipAddress => ({ transport, address, port: 5060 })

  it('is by UDP when there is a choice, and by the loopback when it listens everywhere', () => {
    assert.deepEqual(reachable([at('tcp', '127.0.0.1'), at('udp', '10.0.0.1')]), at('udp', '10.0.0.1'))
    assert.deepEqual(reachable([at('udp', '0.0.0.0')]), at('udp', '127.0.0.1'))
    assert.deepEqual(reachable([at('tcp', '::')]), at('tcp', '::1'))
    assert.equal(reachable([]), undefined)
    assert.deepEqual(reachable([at('udp', '203.0.113.7')], [{ address: '0.0.0.0' }]), at('udp', '127.0.0.1'))
  })

  it('is written as a URI', () => {
    assert.equal(uriAt('x', at('udp', '127.0.0.1')), 'sip:x@127.0.0.1:5060')
    assert.equal(uriAt('x', at('tcp', '::1')), 'sip:x@[::1]:5060;transport=tcp')
  })
})

describe('the target of a REFER', () => {
  it('is the URI without its headers, which go to the destination as text', () => {
    assert.deepEqual(
      readReferTo('<sip:desk@10.0.0.1;transport=tcp?X-Name=Zo%C3%AB%20%26%20co&Replaces=x&User-to-User=aa>'),
      {
        uri: 'sip:desk@10.0.0.1;transport=tcp',
        headers: { 'X-Name': 'Zoë & co', 'User-to-User': 'aa' },
      },
    )
  })

  it('may be a number', () => {
    assert.deepEqual(readReferTo('<tel:+14155550111>'), { uri: 'tel:+14155550111', headers: {} })
  })

  it('is undefined when Refer-To cannot be parsed', () => {
    for (const value of [undefined, '', '<sip:>', 'nonsense']) assert.equal(readReferTo(value), undefined, value)
  })
})

describe('a ladder', () => {
  const ladder = (...texts: string[]): LadderView => ({
    messages: texts.map((text) => ({
      ...{ at: '', leg: 'caller', direction: 'in', local: '', remote: '', transport: 'udp' },
      text: `${text}\r\nCall-ID: 1\r\n\r\n`,
    })),
  })

  it('is complete when every request but ACK has its final response', () => {
    const invite = 'INVITE sip:x SIP/2.0\r\nCSeq: 1 INVITE'
    const ringing = 'SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE'
    const ok = 'SIP/2.0 200 OK\r\ncseq : 1 INVITE'

    assert.equal(isComplete(ladder()), true)
    assert.equal(isComplete(ladder(invite, ringing)), false)
    assert.equal(isComplete(ladder(invite, ringing, ok, 'ACK sip:x SIP/2.0\r\nCSeq: 1 ACK')), true)
    assert.equal(isComplete(ladder(invite, ok, 'BYE sip:x SIP/2.0\r\nCSeq: 2 BYE')), false)
  })
})
