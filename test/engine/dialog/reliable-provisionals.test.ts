import assert from 'node:assert/strict'
import type { Dialog, InitialInvite, Response } from '../../../engine/index.ts'
import { inviteUser, type Party, party, settle } from '../user-agent/two-agents.ts'
import { RawPeer } from '../user-agent/raw-peer.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n'
const reliably: [string, string][] = [
  ['Require', '100rel'],
  ['Content-Type', 'application/sdp'],
]

describe('reliable provisional responses (RFC 3262)', () => {
  let us: Party
  let peer: RawPeer

  beforeEach(async () => {
    us = await party({ extensions: ['100rel'] })
    peer = await RawPeer.open(us.uri)
  })

  afterEach(async () => {
    await settle(us)
    peer.close()
  })

  async function hangUp(ok: Response): Promise<void> {
    peer.send(peer.inDialog('ACK', ok))
    peer.send(peer.inDialog('BYE', ok))
    await peer.response('BYE', 200)
  }

  function prack(response: Response, changes: { rseq?: number } = {}) {
    const rseq = changes.rseq ?? Number(response.header('RSeq'))

    return peer.inDialog('PRACK', response, { headers: [['RAck', `${rseq} ${response.header('CSeq') ?? ''}`]] })
  }

  it('are sent again until the PRACK has come, where the peer requires it; the 2xx waits for it', async () => {
    peer.send(peer.make('INVITE', { headers: reliably, body: offer }))
    const invite = await us.log.next<InitialInvite>('invite')
    const ringing = invite.respond(180)
    assert.ok(ringing?.has('RSeq'))
    assert.equal(invite.respond(183, { body: offer }), undefined)
    assert.equal(invite.respond(200, { body: offer }), undefined)
    const first = await peer.response('INVITE', 180)
    const again = await peer.response('INVITE', 180)
    assert.equal(again.toString(), first.toString())
    assert.equal(first.header('Require'), '100rel')
    peer.send(prack(first, { rseq: 1 }))
    await peer.response('PRACK', 481)
    peer.send(prack(first))
    await peer.response('PRACK', 200)
    const progress = await peer.response('INVITE', 183)
    assert.equal(Number(progress.header('RSeq')), Number(first.header('RSeq')) + 1)
    assert.ok(!peer.seen.includes('200 INVITE'))
    peer.send(prack(progress))
    await peer.response('PRACK', 200)
    await hangUp(await peer.response('INVITE', 200))
  })

  it('are sent as ever where the peer merely supports it', async () => {
    peer.send(peer.make('INVITE', { headers: [['Supported', '100rel']], body: offer }))
    const invite = await us.log.next<InitialInvite>('invite')
    assert.equal(invite.respond(180)?.has('RSeq'), false)
    invite.respond(200)
    await hangUp(await peer.response('INVITE', 200))
  })

  it('end the call with 504 when no PRACK comes for 64*T1', async () => {
    const request = peer.make('INVITE', { headers: reliably, body: offer })
    peer.send(request)
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(180)
    await us.log.next('cancelled')
    const refused = await peer.response('INVITE', 504)
    peer.send(peer.inDialog('ACK', refused, { via: request.header('Via') ?? '' }))
  })

  it('are stopped by a refusal', async () => {
    const request = peer.make('INVITE', { headers: reliably, body: offer })
    peer.send(request)
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(180)
    invite.respond(486)
    const refused = await peer.response('INVITE', 486)
    peer.send(peer.inDialog('ACK', refused, { via: request.header('Via') ?? '' }))
  })

  it('cannot be had for an INVITE without an offer: 420', async () => {
    const request = peer.make('INVITE', { headers: [['Require', '100rel']] })
    peer.send(request)
    const refused = await peer.response('INVITE', 420)
    assert.equal(refused.header('Unsupported'), '100rel')
    peer.send(peer.inDialog('ACK', refused, { via: request.header('Via') ?? '' }))
  })

  it('of a peer are acknowledged once each and handed up in order', async () => {
    us.agent.invite({ uri: peer.uri, body: offer }, inviteUser(us.log))
    const invite = await peer.request('INVITE')
    assert.deepEqual(invite.list('Supported'), ['100rel'])
    const headers = (rseq: number): [string, string][] => [
      ['Require', '100rel'],
      ['RSeq', String(rseq)],
    ]
    peer.respond(invite, 183, 'a', headers(7))
    const first = await peer.request('PRACK')
    assert.equal(first.header('RAck'), `7 ${invite.header('CSeq') ?? ''}`)
    assert.match(first.uri, /tag-of=a/)
    peer.respond(first, 200, 'a')
    peer.respond(invite, 183, 'a', headers(7))
    peer.respond(invite, 183, 'a', headers(9))
    peer.respond(invite, 180, 'a', headers(8))
    const second = await peer.request('PRACK')
    assert.equal(second.header('RAck'), `8 ${invite.header('CSeq') ?? ''}`)
    peer.respond(second, 200, 'a')
    peer.respond(invite, 200, 'a')
    const { dialog } = await us.log.next<{ dialog: Dialog }>('accepted')
    assert.deepEqual(us.log.names, ['183', '180', 'accepted'])
    dialog.ack()
    dialog.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
    peer.respond(await peer.request('BYE'), 200, 'a')
  })

  it('are not asked for in an INVITE without an offer', async () => {
    us.agent.invite({ uri: peer.uri }, inviteUser(us.log))
    const invite = await peer.request('INVITE')
    assert.equal(invite.has('Supported'), false)
    peer.respond(invite, 404, 'a')
    await us.log.next('refused')
  })
})
