import assert from 'node:assert/strict'
import type { DialogEnd, InitialInvite, Response, ServerInvite, ServerRequest } from '../../../engine/index.ts'
import { dialogUser, type Party, party, settle } from '../user-agent/two-agents.ts'
import { RawPeer } from '../user-agent/raw-peer.ts'

const none = { response: () => undefined, unanswered: () => undefined }

describe('dialogs of an INVITE that we took', () => {
  let bob: Party
  let peer: RawPeer

  beforeEach(async () => {
    bob = await party()
    peer = await RawPeer.open(bob.uri)
  })

  afterEach(async () => {
    await settle(bob)
    peer.close()
  })

  async function established(): Promise<{ invite: InitialInvite; ok: Response }> {
    peer.send(peer.make('INVITE'))
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(200)
    const ok = await peer.response('INVITE', 200)
    peer.send(peer.inDialog('ACK', ok))
    await bob.log.next('ack')

    return { invite, ok }
  }

  async function hangUp(ok: Response): Promise<void> {
    peer.send(peer.inDialog('BYE', ok))
    await peer.response('BYE', 200)
  }

  it('repeat the 2xx at T1, doubling up to T2, until the ACK, which is told of once (13.3.1.4)', async () => {
    peer.send(peer.make('INVITE'))
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(200)
    const [first, second, third] = [
      await peer.response('INVITE', 200),
      await peer.response('INVITE', 200),
      await peer.response('INVITE', 200),
    ]
    assert.equal(second.toString(), first.toString())
    assert.equal(third.toString(), first.toString())
    const ack = peer.inDialog('ACK', first)
    peer.send(ack)
    peer.send(ack)
    await hangUp(first)
    assert.equal(bob.log.names.filter((what) => what === 'ack').length, 1)
  })

  it('end with a BYE when no ACK comes for 64*T1', async () => {
    peer.send(peer.make('INVITE'))
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(200)
    const end = await bob.log.next<DialogEnd>('ended')
    assert.equal(end.by === 'stack' && end.reason, 'ack_timeout')
    peer.respond(await peer.request('BYE'), 200, 'raw')
  })

  it('hold our BYE until the ACK of the 2xx has come (15)', async () => {
    peer.send(peer.make('INVITE'))
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(200)
    const ok = await peer.response('INVITE', 200)
    invite.dialog?.send('BYE', {}, none)
    await peer.response('INVITE', 200)
    assert.ok(!peer.seen.includes('BYE'))
    peer.send(peer.inDialog('ACK', ok))
    peer.respond(await peer.request('BYE'), 200, 'raw')
  })

  it('end with the caller’s BYE while they are early: the INVITE is answered 487 (15.1.2)', async () => {
    const request = peer.make('INVITE')
    peer.send(request)
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(180)
    const ringing = await peer.response('INVITE', 180)
    peer.send(peer.inDialog('BYE', ringing))
    await peer.response('BYE', 200)
    const refused = await peer.response('INVITE', 487)
    peer.send(peer.inDialog('ACK', refused, { via: request.header('Via') ?? '', cseq: request.cseq?.number ?? 0 }))
    await bob.log.next('cancelled')
    assert.equal(invite.respond(200), undefined)
  })

  it('copy the record route, and send by it in its order', async () => {
    const routes = [`<${peer.uri.replace('raw@', 'p1@')};lr>`, `<${peer.uri.replace('raw@', 'p2@')};lr>`]
    const request = peer.make('INVITE', { headers: routes.map((route) => ['Record-Route', route] as const) })
    peer.send(request)
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(200)
    const ok = await peer.response('INVITE', 200)
    assert.deepEqual(ok.list('Record-Route'), routes)
    peer.send(peer.inDialog('ACK', ok))
    await bob.log.next('ack')
    invite.dialog?.send('BYE', {}, none)
    const bye = await peer.request('BYE')
    assert.deepEqual(bye.list('Route'), routes)
    assert.equal(bye.uri, peer.uri)
    peer.respond(bye, 200, 'raw')
  })

  it('refuse a CSeq that is lower than before with 500 (12.2.2)', async () => {
    const { ok } = await established()
    peer.send(peer.inDialog('INFO', ok, { cseq: 100 }))
    await peer.response('INFO', 200)
    peer.send(peer.inDialog('INFO', ok, { cseq: 99 }))
    assert.equal((await peer.response('INFO')).status, 500)
    peer.send(peer.inDialog('BYE', ok, { cseq: 101 }))
    await peer.response('BYE', 200)
  })

  it('are found by an RFC 2543 peer’s requests, which have no To tag', async () => {
    const { ok } = await established()
    const withoutTag = { to: bob.uri }
    peer.send(peer.inDialog('INFO', ok, withoutTag))
    const info = await peer.response('INFO', 200)
    assert.equal(info.toTag, ok.toTag)
    peer.send(peer.inDialog('INVITE', ok, withoutTag))
    const invite = await bob.log.next<ServerInvite>('reinvite')
    invite.respond(200)
    const again = await peer.response('INVITE', 200)
    assert.equal(again.toTag, ok.toTag)
    peer.send(peer.inDialog('ACK', again, withoutTag))
    await bob.log.next('ack')
    peer.send(peer.inDialog('BYE', ok, withoutTag))
    await peer.response('BYE', 200)
    const end = await bob.log.next<DialogEnd>('ended')
    assert.equal(end.by, 'peer')
  })

  it('are not found by a request without a To tag that has another From tag, or a CSeq that is not new', async () => {
    const { invite, ok } = await established()
    const cseq = invite.request.cseq?.number ?? 0
    peer.send(peer.inDialog('BYE', ok, { to: bob.uri, from: `<${peer.uri}>;tag=other` }))
    assert.equal((await peer.response('BYE')).status, 481)
    peer.send(peer.inDialog('BYE', ok, { to: bob.uri, cseq }))
    assert.equal((await peer.response('BYE')).status, 481)
    await hangUp(ok)
  })

  it('are not found without a To tag where that is refused', async () => {
    const strict = await party({ missingToTag: 'refused' })
    const other = await RawPeer.open(strict.uri)
    other.send(other.make('INVITE'))
    const invite = await strict.log.next<InitialInvite>('invite')
    invite.respond(200)
    const ok = await other.response('INVITE', 200)
    other.send(other.inDialog('ACK', ok, { to: strict.uri }))
    other.send(other.inDialog('BYE', ok, { to: strict.uri }))
    assert.equal((await other.response('BYE')).status, 481)
    other.send(other.inDialog('ACK', ok))
    await strict.log.next('ack')
    other.send(other.inDialog('BYE', ok))
    await other.response('BYE', 200)
    await settle(strict)
    other.close()
  })

  for (const status of [401, 403, 407]) {
    it(`count on after a request that was refused with ${status} as if it had not come`, async () => {
      const { invite, ok } = await established()
      const dialog = invite.dialog!
      const { user } = dialog
      dialog.user = { ...user, request: (request) => request.respond(status) }
      for (const cseq of [2_000_000_000, 2_000_000_001]) peer.send(peer.inDialog('NOTIFY', ok, { cseq }))
      assert.equal((await peer.response('NOTIFY')).status, status)
      assert.equal((await peer.response('NOTIFY')).status, status)
      dialog.user = user
      peer.send(peer.inDialog('INFO', ok, { cseq: 100 }))
      assert.equal((await peer.response('INFO')).status, 200)
      peer.send(peer.inDialog('INFO', ok, { cseq: 99 }))
      assert.equal((await peer.response('INFO')).status, 500)
      peer.send(peer.inDialog('BYE', ok, { cseq: 101 }))
      await peer.response('BYE', 200)
    })
  }

  it('refuse a second re-INVITE while the first waits, with 500 and Retry-After (14.2)', async () => {
    const { ok } = await established()
    const first = peer.inDialog('INVITE', ok)
    peer.send(first)
    const reinvite = await bob.log.next<ServerInvite>('reinvite')
    const second = peer.inDialog('INVITE', ok)
    peer.send(second)
    const refused = await peer.response('INVITE', 500)
    assert.ok(Number(refused.header('Retry-After')) <= 10)
    reinvite.respond(488)
    for (const [request, response] of [
      [second, refused],
      [first, await peer.response('INVITE', 488)],
    ] as const) {
      peer.send(peer.inDialog('ACK', response, { via: request.header('Via') ?? '', cseq: request.cseq?.number ?? 0 }))
    }
    await hangUp(ok)
  })

  it('take one UPDATE at a time, and no offer while another waits (RFC 3311 5.2)', async () => {
    const { invite, ok } = await established()
    const { dialog } = invite
    invite.dialogUser = {
      ...dialogUser(bob.log),
      request: (request) => bob.log.add('update', request),
    }
    const update = (body: string) => {
      const request = peer.inDialog('UPDATE', ok)
      if (body) request.body = body
      peer.send(request)
    }
    update('offer')
    const first = await bob.log.next<ServerRequest>('update')
    update('')
    assert.ok(Number((await peer.response('UPDATE', 500)).header('Retry-After')) <= 10)
    first.respond(200)
    await peer.response('UPDATE', 200)

    const theirs = peer.inDialog('INVITE', ok)
    peer.send(theirs)
    const reinvite = await bob.log.next<ServerInvite>('reinvite')
    update('offer')
    assert.ok((await peer.response('UPDATE', 500)).has('Retry-After'))
    update('')
    ;(await bob.log.next<ServerRequest>('update')).respond(200)
    await peer.response('UPDATE', 200)
    reinvite.respond(488)
    const refused = await peer.response('INVITE', 488)
    const { number: cseq = 0 } = theirs.cseq ?? {}
    peer.send(peer.inDialog('ACK', refused, { via: theirs.header('Via') ?? '', cseq }))

    dialog?.send('UPDATE', { body: 'offer' }, none)
    const ours = await peer.request('UPDATE')
    update('offer')
    await peer.response('UPDATE', 491)
    peer.answer(ours, 200, 'raw')
    await hangUp(ok)
  })

  it('answer an UPDATE with 491 that crosses our own while they are early (RFC 3311 5.2)', async () => {
    peer.send(peer.make('INVITE'))
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(183)
    const early = await peer.response('INVITE', 183)
    invite.dialog?.send('UPDATE', { body: 'offer' }, none)
    const ours = await peer.request('UPDATE')
    const theirs = peer.inDialog('UPDATE', early)
    theirs.body = 'offer'
    peer.send(theirs)
    await peer.response('UPDATE', 491)
    peer.answer(ours, 200, 'raw')
    invite.respond(200)
    const ok = await peer.response('INVITE', 200)
    peer.send(peer.inDialog('ACK', ok))
    await bob.log.next('ack')
    await hangUp(ok)
  })

  it('answer a re-INVITE with 487 when it is cancelled, and when the call ends first', async () => {
    const { ok } = await established()
    const first = peer.inDialog('INVITE', ok)
    peer.send(first)
    await bob.log.next('reinvite')
    peer.send(peer.inDialog('CANCEL', ok, { via: first.header('Via') ?? '', cseq: first.cseq?.number ?? 0 }))
    await peer.response('CANCEL', 200)
    const cancelled = await peer.response('INVITE', 487)
    peer.send(peer.inDialog('ACK', cancelled, { via: first.header('Via') ?? '', cseq: first.cseq?.number ?? 0 }))
    await bob.log.next('reinvite cancelled')
    const second = peer.inDialog('INVITE', ok)
    peer.send(second)
    await bob.log.next('reinvite')
    await hangUp(ok)
    const ended = await peer.response('INVITE', 487)
    peer.send(peer.inDialog('ACK', ended, { via: second.header('Via') ?? '', cseq: second.cseq?.number ?? 0 }))
    await bob.log.next('reinvite cancelled')
  })

  it('are not found with another tag: 481', async () => {
    const { ok } = await established()
    peer.send(peer.inDialog('INFO', ok, { from: `<${peer.uri}>;tag=unknown` }))
    assert.equal((await peer.response('INFO')).status, 481)
    await hangUp(ok)
    peer.send(peer.inDialog('INFO', ok))
    assert.equal((await peer.response('INFO')).status, 481)
  })
})
