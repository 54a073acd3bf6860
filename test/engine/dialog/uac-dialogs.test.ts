import assert from 'node:assert/strict'
import type { ClientInvite, Dialog, DialogEnd, Response } from '../../../engine/index.ts'
import { inviteUser, type Party, party, settle } from '../user-agent/two-agents.ts'
import { RawPeer } from '../user-agent/raw-peer.ts'

const none = { response: () => undefined, unanswered: () => undefined }

describe('dialogs of an INVITE that we sent', () => {
  let alice: Party
  let peer: RawPeer

  beforeEach(async () => {
    alice = await party()
    peer = await RawPeer.open(alice.uri)
  })

  afterEach(async () => {
    await settle(alice)
    peer.close()
  })

  const call = (): ClientInvite => alice.agent.invite({ uri: peer.uri }, inviteUser(alice.log))
  const accepted = () => alice.log.next<{ response: Response; dialog: Dialog }>('accepted')

  async function established(headers: [string, string][] = []): Promise<Dialog> {
    call()
    peer.respond(await peer.request('INVITE'), 200, 'a', headers)
    const { dialog } = await accepted()
    dialog.ack()

    return dialog
  }

  /** Ends a call of ours for the sake of `settle`. */
  async function hangUp(dialog: Dialog): Promise<void> {
    dialog.send('BYE', {}, none)
    peer.respond(await peer.request('BYE'), 200, 'a')
  }

  it('are early for every branch of a fork that rings; the first 2xx wins, another is acknowledged and ended', async () => {
    call()
    const invite = await peer.request('INVITE')
    peer.respond(invite, 180, 'a')
    peer.respond(invite, 183, 'b')
    await alice.log.next('180')
    await alice.log.next('183')
    assert.equal(alice.agent.state().dialogs, 2)
    peer.respond(invite, 200, 'b')
    const { dialog } = await accepted()
    assert.equal(dialog.remoteTag, 'b')
    assert.equal(alice.agent.state().dialogs, 1)
    dialog.ack()
    assert.equal((await peer.request('ACK')).toTag, 'b')
    peer.respond(invite, 200, 'a')
    const ack = await peer.request('ACK')
    const bye = await peer.request('BYE')
    assert.deepEqual([ack.toTag, bye.toTag], ['a', 'a'])
    assert.match(bye.uri, /tag-of=a/)
    peer.respond(bye, 200, 'a')
    await hangUp(dialog)
    assert.equal(alice.log.names.filter((what) => what === 'accepted').length, 1)
  })

  it('repeat the same ACK for a 2xx that comes again, the late answer with it', async () => {
    call()
    const invite = await peer.request('INVITE')
    peer.respond(invite, 200, 'a')
    const { dialog } = await accepted()
    dialog.ack({ body: 'v=0 answer' })
    const first = await peer.request('ACK')
    peer.respond(invite, 200, 'a')
    const second = await peer.request('ACK')
    assert.equal(second.toString(), first.toString())
    assert.equal(first.body, 'v=0 answer')
    assert.equal(first.cseq?.number, invite.cseq?.number)
    await hangUp(dialog)
  })

  it('go where the Contact says, by way of the reversed record route of loose routers', async () => {
    const route = peer.uri.replace('raw@', 'p1@')
    const routes = `<${route};lr>, <${peer.uri.replace('raw@', 'p2@')};lr>`
    call()
    peer.respond(await peer.request('INVITE'), 200, 'a', [
      ['Record-Route', routes],
      ['Contact', '<sip:bob@192.0.2.9>'],
    ])
    const { dialog } = await accepted()
    dialog.ack()
    const ack = await peer.request('ACK')
    assert.equal(ack.uri, 'sip:bob@192.0.2.9')
    assert.deepEqual(
      ack.list('Route').map((value) => /sip:(p\d)/.exec(value)?.[1]),
      ['p2', 'p1'],
    )
    await hangUp(dialog)
  })

  it('put a strict router into the Request-URI and the target last (12.2.1.1)', async () => {
    call()
    peer.respond(await peer.request('INVITE'), 200, 'a', [
      ['Record-Route', `<sip:far@192.0.2.8;lr>, <${peer.uri.replace('raw@', 'strict@')}>`],
      ['Contact', '<sip:bob@192.0.2.9>'],
    ])
    const { dialog } = await accepted()
    dialog.ack()
    const ack = await peer.request('ACK')
    assert.equal(ack.uri, peer.uri.replace('raw@', 'strict@'))
    assert.deepEqual(ack.list('Route'), ['<sip:far@192.0.2.8;lr>', '<sip:bob@192.0.2.9>'])
    await hangUp(dialog)
  })

  it('follow a target that an UPDATE or a re-INVITE has moved', async () => {
    const dialog = await established()
    const update = peer.make('UPDATE', {
      uri: alice.uri,
      from: `<${peer.uri}>;tag=a`,
      to: `<sip:x@y>;tag=${dialog.localTag}`,
      callId: dialog.callId,
      contact: '<sip:moved@127.0.0.1>',
    })
    peer.send(update)
    await peer.response('UPDATE', 200)
    assert.equal(dialog.remoteTarget, 'sip:moved@127.0.0.1')
    const back = peer.make('INVITE', {
      uri: alice.uri,
      from: `<${peer.uri}>;tag=a`,
      to: `<sip:x@y>;tag=${dialog.localTag}`,
      callId: dialog.callId,
      contact: `<${peer.uri};back=1>`,
    })
    peer.send(back)
    const reinvite = await alice.log.next<{ respond(status: number): unknown }>('reinvite')
    reinvite.respond(488)
    await peer.response('INVITE', 488)
    assert.equal(dialog.remoteTarget, `${peer.uri};back=1`)
    await hangUp(dialog)
  })

  it('end with the stack’s BYE when a re-INVITE is answered 481, but not when a REFER is (RFC 5057)', async () => {
    const dialog = await established()
    dialog.send('REFER', {}, { ...none, response: ({ status }) => alice.log.add('refer', status) })
    peer.respond(await peer.request('REFER'), 481, 'a')
    assert.equal(await alice.log.next('refer'), 481)
    assert.equal(dialog.ended, false)
    dialog.send('INVITE', {}, { ...none, response: ({ status }) => alice.log.add('reinvite answered', status) })
    peer.respond(await peer.request('INVITE'), 481, 'a')
    assert.equal(await alice.log.next('reinvite answered'), 481)
    const end = await alice.log.next<DialogEnd>('ended')
    assert.equal(end.by === 'stack' && end.reason, 'refused')
    peer.respond(await peer.request('BYE'), 481, 'a')
  })

  it('acknowledge the 2xx of a re-INVITE that was pending when they ended', async () => {
    const dialog = await established()
    dialog.send('INVITE', {}, { ...none, unanswered: ({ status }) => alice.log.add('pending', status) })
    const reinvite = await peer.request('INVITE')
    await peer.request('ACK')
    dialog.send('BYE', {}, none)
    assert.equal(await alice.log.next('pending'), 487)
    const bye = await peer.request('BYE')
    peer.respond(reinvite, 200, 'a')
    const ack = await peer.request('ACK')
    assert.equal(ack.cseq?.number, reinvite.cseq?.number)
    peer.respond(bye, 200, 'a')
  })

  it('acknowledge what was accepted before they end it', async () => {
    call()
    peer.respond(await peer.request('INVITE'), 200, 'a')
    const { dialog } = await accepted()
    dialog.send('BYE', {}, none)
    await peer.request('ACK')
    peer.respond(await peer.request('BYE'), 200, 'a')
  })

  it('answer a BYE that crosses our own, and anything else with 481', async () => {
    const dialog = await established()
    dialog.send('BYE', {}, none)
    const ours = await peer.request('BYE')
    const parts = {
      uri: alice.uri,
      from: `<${peer.uri}>;tag=a`,
      to: `<sip:x@y>;tag=${dialog.localTag}`,
      callId: dialog.callId,
    }
    peer.send(peer.make('BYE', parts))
    assert.equal((await peer.response('BYE')).status, 200)
    peer.send(peer.make('INFO', parts))
    assert.equal((await peer.response('INFO')).status, 481)
    peer.respond(ours, 200, 'a')
    assert.ok(!alice.log.names.includes('ended'))
  })

  it('refuse a re-INVITE with 491 while ours is pending, and ours while the peer’s is', async () => {
    const dialog = await established()
    dialog.send('INVITE', {}, { ...none, response: ({ status }) => alice.log.add('ours', status) })
    const ours = await peer.request('INVITE')
    const parts = {
      uri: alice.uri,
      from: `<${peer.uri}>;tag=a`,
      to: `<sip:x@y>;tag=${dialog.localTag}`,
      callId: dialog.callId,
    }
    const theirs = peer.make('INVITE', parts)
    peer.send(theirs)
    assert.equal((await peer.response('INVITE')).status, 491)
    peer.send(peer.make('ACK', { ...parts, via: theirs.header('Via') ?? '', cseq: theirs.cseq?.number ?? 0 }))
    peer.respond(ours, 491, 'a')
    assert.equal(await alice.log.next('ours'), 491)
    const again = peer.make('INVITE', parts)
    peer.send(again)
    const reinvite = await alice.log.next<{ respond(status: number): unknown }>('reinvite')
    dialog.send('INVITE', {}, { ...none, unanswered: ({ status }) => alice.log.add('overlapping', status) })
    assert.equal(await alice.log.next('overlapping'), 491)
    reinvite.respond(488)
    await peer.response('INVITE', 488)
    await hangUp(dialog)
  })
})
