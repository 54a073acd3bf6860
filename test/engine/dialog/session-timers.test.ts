import assert from 'node:assert/strict'
import type { Dialog, DialogEnd, InitialInvite, Request, Response } from '../../../engine/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { inviteUser, type Party, party } from '../user-agent/two-agents.ts'
import { RawPeer } from '../user-agent/raw-peer.ts'
import { until } from '../../harness/until.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n'

describe('session timers (RFC 4028)', () => {
  let us: Party
  let peer: RawPeer
  let clock: FakeClock

  beforeEach(async () => {
    clock = new FakeClock()
    us = await party({ extensions: ['timer'], clock, timers: {} })
    peer = await RawPeer.open(us.uri)
  })

  afterEach(async () => {
    await us.agent.close()
    assert.equal(clock.size, 0)
    peer.close()
  })

  /** Moves the clock on in steps too short for a repetition until the peer has got an INVITE. */
  async function nextInvite(): Promise<Request> {
    const before = peer.seen.length
    await clock.advanceUntil('an INVITE', 400, () => peer.seen.slice(before).includes('INVITE'))

    return peer.request('INVITE')
  }

  const refreshAnswered = (): Promise<boolean> =>
    until('the 200 to the refresh is in', () => us.messages.includes('in 200 UPDATE'))

  async function takeCall(headers: [string, string][]): Promise<{ invite: InitialInvite; ok: Response }> {
    peer.send(peer.make('INVITE', { headers, body: offer }))
    const invite = await us.log.next<InitialInvite>('invite')
    invite.respond(200, { body: offer })
    const ok = await peer.response('INVITE', 200)
    peer.send(peer.inDialog('ACK', ok))
    await us.log.next('ack')

    return { invite, ok }
  }

  it('let a caller that can refresh the call do so, and end it when it does not', async () => {
    const { ok } = await takeCall([
      ['Session-Expires', '100'],
      ['Supported', 'timer'],
    ])
    assert.deepEqual([ok.header('Session-Expires'), ok.header('Require')], ['100;refresher=uac', 'timer'])
    clock.advance(60_000)
    peer.send(peer.inDialog('UPDATE', ok, { headers: [['Session-Expires', '100;refresher=uac']] }))
    assert.equal((await peer.response('UPDATE', 200)).header('Session-Expires'), '100;refresher=uac')
    clock.advance(99_000)
    assert.ok(!us.log.names.includes('ended'))
    clock.advance(1000)
    const end = await us.log.next<DialogEnd>('ended')
    assert.equal(end.by === 'stack' && end.reason, 'session_expired')
    peer.respond(await peer.request('BYE'), 200, 'raw')
  })

  it('choose the refresher themselves where a caller names one that there is none of', async () => {
    const { ok } = await takeCall([
      ['Session-Expires', '100;refresher=both'],
      ['Supported', 'timer'],
    ])
    assert.equal(ok.header('Session-Expires'), '100;refresher=uac')
  })

  it('refresh a call with UPDATE when the peer takes it, for a caller that cannot', async () => {
    const { ok } = await takeCall([
      ['Session-Expires', '100'],
      ['Allow', 'INVITE, ACK, BYE, UPDATE'],
    ])
    assert.equal(ok.header('Session-Expires'), '100;refresher=uas')
    clock.advance(56_000)
    const update = await peer.request('UPDATE')
    assert.deepEqual([update.header('Session-Expires'), update.body], ['100;refresher=uac', ''])
    peer.respond(update, 200, 'raw', [['Session-Expires', '100;refresher=uac']])
    await refreshAnswered()
  })

  it('refresh a call with a re-INVITE that repeats the last description, acknowledge it, and try again after 491', async () => {
    us.agent.invite({ uri: peer.uri, body: offer }, inviteUser(us.log))
    peer.respond(await peer.request('INVITE'), 200, 'a', [['Session-Expires', '100;refresher=uac']])
    const { dialog } = await us.log.next<{ dialog: Dialog }>('accepted')
    dialog.ack()
    await peer.request('ACK')
    const refused = await nextInvite()
    peer.respond(refused, 491, 'a')
    await peer.request('ACK')
    const refresh = await nextInvite()
    assert.equal(refresh.body, offer)
    peer.respond(refresh, 200, 'a', [['Session-Expires', '100;refresher=uac']])
    const ack = await peer.request('ACK')
    assert.equal(ack.cseq?.number, refresh.cseq?.number)
    assert.ok(!us.log.names.includes('ended'))
  })

  /** Our call to a peer that leaves the refresh to us. */
  async function makeCall(allow = 'INVITE, ACK, BYE, UPDATE'): Promise<void> {
    us.agent.invite({ uri: peer.uri, body: offer }, inviteUser(us.log))
    peer.respond(await peer.request('INVITE'), 200, 'a', [
      ['Session-Expires', '100;refresher=uac'],
      ['Allow', allow],
    ])
    const { dialog } = await us.log.next<{ dialog: Dialog }>('accepted')
    dialog.ack()
    await peer.request('ACK')
  }

  /** Moves the clock on until the peer has got the next request; resolves with it and how long that took, in seconds. */
  async function nextRequest(): Promise<{ request: Request; after: number }> {
    const before = peer.seen.length
    const from = clock.now()
    const next = (): string | undefined => peer.seen.slice(before).find((what) => /^(UPDATE|INVITE|BYE)$/.test(what))
    await clock.advanceUntil('a refresh or a BYE', 100, () => next() !== undefined)
    const method = next() ?? ''

    return { request: await peer.request(method), after: (clock.now() - from) / 1000 }
  }

  for (const [status, headers, least, most, then] of [
    [500, [['Retry-After', '3']], 3, 4, 'UPDATE'],
    [503, [['Retry-After', '7']], 7, 8, 'UPDATE'],
    [503, [['Retry-After', '600']], 20, 30, 'UPDATE'],
    [491, [], 2, 5, 'UPDATE'],
    [405, [], 0, 1, 'INVITE'],
    [501, [], 0, 1, 'INVITE'],
    [488, [], 20, 30, 'UPDATE'],
    [401, [['WWW-Authenticate', 'Digest realm="r", nonce="n"']], 20, 30, 'UPDATE'],
  ] as const) {
    const said = headers.map((header) => `, ${header.join(': ')}`).join('')
    it(`go on when a refresh is refused with ${status}${said}: ${then} within ${most} s`, async () => {
      await makeCall()
      const { request, after } = await nextRequest()
      assert.equal(request.method, 'UPDATE')
      assert.ok(after > 40 && after < 56, String(after))
      peer.respond(request, status, 'a', [...headers] as [string, string][])
      const again = await nextRequest()
      assert.equal(again.request.method, then)
      assert.ok(again.after >= least && again.after <= most, String(again.after))
      peer.respond(again.request, 200, 'a', [['Session-Expires', '100;refresher=uac']])
      await (then === 'INVITE' ? peer.request('ACK') : refreshAnswered())
      clock.advance(43_000)
      assert.ok(!us.log.names.includes('ended'))
    })
  }

  it('send a refresh again within 2 s of a 491 where the peer has made the Call-ID (RFC 3261 14.1)', async () => {
    await takeCall([
      ['Session-Expires', '100'],
      ['Allow', 'INVITE, ACK, BYE, UPDATE'],
    ])
    const { request } = await nextRequest()
    peer.respond(request, 491, 'raw')
    const again = await nextRequest()
    assert.equal(again.request.method, 'UPDATE')
    assert.ok(again.after <= 2.1, String(again.after))
    peer.respond(again.request, 200, 'raw', [['Session-Expires', '100;refresher=uac']])
    await refreshAnswered()
  })

  it('raise the interval when a refresh is refused with 422', async () => {
    await makeCall()
    const { request } = await nextRequest()
    peer.respond(request, 422, 'a', [['Min-SE', '300']])
    const { request: again } = await nextRequest()
    assert.deepEqual([again.method, again.header('Session-Expires')], ['UPDATE', '300;refresher=uac'])
    peer.respond(again, 200, 'a', [['Session-Expires', '300;refresher=uac']])
    await refreshAnswered()
    clock.advance(140_000)
    assert.ok(!us.log.names.includes('ended'))
  })

  it('end a call whose refreshes are all refused when the interval ends, and not before', async () => {
    await makeCall()
    const from = clock.now()
    const methods: string[] = []
    for (;;) {
      const { request } = await nextRequest()
      methods.push(request.method)
      peer.respond(request, request.method === 'BYE' ? 200 : 488, 'a')
      if (request.method === 'BYE') break
    }
    const seconds = (clock.now() - from) / 1000
    assert.ok(seconds >= 99 && seconds <= 102, String(seconds))
    assert.ok(methods.length > 3 && methods.length < 12, methods.join())
    const end = await us.log.next<DialogEnd>('ended')
    assert.equal(end.by === 'stack' && end.reason, 'session_expired')
  })

  it('end a call at once whose refresh is answered 481', async () => {
    await makeCall()
    const { request } = await nextRequest()
    peer.respond(request, 481, 'a')
    const { request: bye, after } = await nextRequest()
    assert.equal(bye.method, 'BYE')
    assert.ok(after < 1, String(after))
    peer.respond(bye, 481, 'a')
    await us.log.next('ended')
  })

  it('end a call whose peer is no longer there to answer a refresh', async () => {
    await makeCall()
    peer.close()
    await clock.advanceUntil('the end of the call', 1000, () => us.log.names.includes('ended'), 110_000)
    const end = await us.log.next<DialogEnd>('ended')
    assert.ok(end.by === 'stack' && ['session_expired', 'refused'].includes(end.reason))
    peer = await RawPeer.open(us.uri)
  })

  it('refuse an interval below 90 s with 422 and say what the shortest is', async () => {
    peer.send(peer.make('INVITE', { headers: [['Session-Expires', '60']], body: offer }))
    const refused = await peer.response('INVITE', 422)
    assert.equal(refused.header('Min-SE'), '90')
  })

  it('are not used without a Session-Expires', async () => {
    const { ok } = await takeCall([['Supported', 'timer']])
    assert.equal(ok.has('Session-Expires'), false)
  })
})
