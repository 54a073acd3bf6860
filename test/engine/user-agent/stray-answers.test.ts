import assert from 'node:assert/strict'
import { createRequest, createResponse, type Request } from '../../../engine/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { RawPeer } from './raw-peer.ts'
import { fastTimers, type Party, party, settle } from './two-agents.ts'

describe('a 2xx to an INVITE of the process before (RFC 3261 13.2.2.4)', () => {
  let us: Party
  let clock: FakeClock
  let peer: RawPeer

  beforeEach(async () => {
    clock = new FakeClock()
    us = await party({ clock })
    peer = await RawPeer.open(us.uri)
  })

  afterEach(async () => {
    peer.close()
    clock.advance(1_000_000)
    await settle(us)
  })

  /** As the process before has sent it. */
  const inviteOf = (method = 'INVITE'): Request =>
    createRequest({
      ...{ method, uri: peer.uri, callId: 'before', cseq: 7 },
      via: `SIP/2.0/UDP ${us.uri.replace('sip:', '')};branch=z9hG4bKbefore`,
      from: `<${us.uri}>;tag=before`,
      to: `<${peer.uri}>`,
    })

  it('is acknowledged each time, and its call ended once', async () => {
    const invite = inviteOf()
    peer.respond(invite, 200, 'peer')
    const ack = await peer.request('ACK')
    assert.deepEqual([ack.header('CSeq'), ack.callId, ack.fromTag, ack.toTag], ['7 ACK', 'before', 'before', 'peer'])
    const bye = await peer.request('BYE')
    assert.deepEqual([bye.header('CSeq'), bye.fromTag, bye.toTag], ['8 BYE', 'before', 'peer'])
    peer.respond(invite, 200, 'peer')
    assert.equal((await peer.request('ACK')).toString(), ack.toString())
    peer.respond(bye, 200, 'peer')
    assert.equal(us.agent.stats.strayResponses, 2)
    // Another branch of the fork is a call of its own.
    peer.respond(invite, 200, 'other')
    assert.equal((await peer.request('ACK')).toTag, 'other')
    peer.respond(await peer.request('BYE'), 200, 'other')
  })

  it('goes where it came from, whatever its Contact says', async () => {
    peer.respond(inviteOf(), 200, 'peer', [['Contact', '<sip:victim@127.0.0.9:5060>']])
    assert.equal((await peer.request('ACK')).uri, 'sip:victim@127.0.0.9:5060')
    peer.respond(await peer.request('BYE'), 200, 'peer')
  })

  it('is passed over when it comes later than a 2xx is repeated, or answers another request', async () => {
    peer.send(createResponse(inviteOf('OPTIONS'), 200, undefined, 'peer'))
    peer.respond(inviteOf(), 487, 'peer')
    peer.send(createResponse(inviteOf(), 200, undefined, 'without-contact'))
    clock.advance(64 * fastTimers.t1 + 1)
    peer.respond(inviteOf(), 200, 'peer')
    peer.send(peer.make('OPTIONS'))
    await peer.response('OPTIONS', 200)
    assert.equal(us.agent.stats.strayResponses, 4)
    assert.deepEqual(
      peer.seen.filter((what) => what === 'ACK' || what === 'BYE'),
      [],
    )
  })
})
