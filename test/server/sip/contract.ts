import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  type Dialog as EngineDialog,
  type DialogUser,
  type InitialInvite,
  type NextHop,
  type Request,
  type Response,
  type ServerInvite,
  type ServerRequest,
  type SourcePolicy,
} from '../../../engine/index.ts'
import type {
  SipDialog,
  SipDialogEnd,
  IncomingInvite,
  IncomingReinvite,
  IncomingRequest,
  SipRequest,
  SipResponse,
  SipStack,
} from '../../../server/sip/stack.ts'
import { parseDigest } from '../../../engine/digest/index.ts'
import {
  dialogUser,
  type Happenings,
  inviteUser,
  type Party,
  party,
  settle,
} from '../../engine/user-agent/two-agents.ts'
import { RawPeer } from '../../engine/user-agent/raw-peer.ts'
import { type Accepted, recordDialog, recordInvite, RecordingUser } from './recording-user.ts'
import { until } from '../../harness/until.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n'
const answer = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\n'

/** Every source is unknown, and requests in a dialog are taken from its peer alone. */
export const onlyPeers: SourcePolicy = {
  checksPeers: true,
  ownerOf: () => undefined,
  limitsOf: () => ({ requestRate: 0, connections: 0, idleTimeout: 0 }),
}

/**
 * What every SIP stack behind the port does, tried against a peer that is our engine. `makeStack` builds one that is not
 * started, listens on 127.0.0.1 over UDP, and has a T1 of about 20 ms.
 */
export function sipStackContract(name: string, makeStack: () => Promise<SipStack>): void {
  describe(`the SIP port on ${name}`, () => {
    let stack: SipStack
    let user: RecordingUser
    let peer: Party

    beforeEach(async () => {
      stack = await makeStack()
      user = new RecordingUser()
      await stack.start(user)
      peer = await party()
    })

    afterEach(async () => {
      await settle(peer)
      await until('nothing is left in the stack', () =>
        assert.deepEqual(stack.state(), { transactions: 0, dialogs: 0, timers: 0 }),
      )
      await stack.close()
      await stack.close()
    })

    const stackUri = () => {
      const { address, port } = stack.addresses.find(({ transport }) => transport === 'udp')!
      return `sip:service@${address}:${port}`
    }

    /** A call from the stack to the peer, accepted and acknowledged. */
    async function callOut(): Promise<{ dialog: SipDialog; invite: InitialInvite }> {
      stack.invite(peer.uri, { body: offer }, recordInvite(user.log))
      const invite = await peer.log.next<InitialInvite>('invite')
      invite.respond(200, { body: answer })
      const { dialog } = await user.log.next<Accepted>('accepted')
      dialog.ack()
      await peer.log.next('ack')

      return { dialog, invite }
    }

    /** A call from the peer to the stack, accepted and acknowledged. */
    async function callIn(): Promise<{ dialog: SipDialog; peerDialog: EngineDialog }> {
      peer.agent.invite({ uri: stackUri(), body: offer }, inviteUser(peer.log))
      const invite = await user.log.next<IncomingInvite>('invite')
      const dialog = invite.accept({ body: answer }, recordDialog(user.log))
      const { dialog: peerDialog } = await peer.log.next<{ dialog: EngineDialog }>('accepted')
      peerDialog.ack()
      await user.log.next('ack')

      return { dialog, peerDialog }
    }

    describe('an unknown source that knows the tags of a dialog', () => {
      const sources: Socket[] = []

      afterEach(() => {
        for (const source of sources.splice(0)) source.close()
      })

      /** Sends a message from another address than the peer's. Resolves with the first line of the final response. */
      async function forged(message: Request): Promise<string> {
        const { address, port } = stack.addresses.find(({ transport }) => transport === 'udp')!
        const source = createSocket('udp4').bind(0, '127.0.0.3')
        sources.push(source)
        await once(source, 'listening')
        source.send(message.toString().replace('branch=z9hG4bK', 'branch=z9hG4bKforged'), port, address)
        for (;;) {
          const [data] = (await once(source, 'message')) as [Buffer]
          const [line = ''] = data.toString().split('\r\n', 1)
          if (!line.startsWith('SIP/2.0 1')) return line
        }
      }

      it('changes nothing by its requests, before the BYE and after it', async () => {
        const caller = await RawPeer.open(stackUri())
        caller.send(caller.make('INVITE', { headers: [['Content-Type', 'application/sdp']], body: offer }))
        const invite = await user.log.next<IncomingInvite>('invite')
        const dialog = invite.accept({ body: answer }, recordDialog(user.log))
        const ok = await caller.response('INVITE', 200)
        caller.send(caller.inDialog('ACK', ok))
        await user.log.next('ack')

        const withBody = { headers: [['Content-Type', 'application/sdp']] as [string, string][], body: offer }
        for (const method of ['INFO', 'UPDATE', 'INVITE']) {
          assert.match(await forged(caller.inDialog(method, ok, withBody)), /^SIP\/2\.0 403 /, method)
        }
        caller.send(caller.inDialog('INFO', ok))
        assert.equal((await user.log.next<IncomingRequest>('request')).request.method, 'INFO')
        await caller.response('INFO', 200)

        const referred = dialog.request('REFER', { headers: [['Refer-To', '<sip:desk@127.0.0.1>']] })
        caller.respond(await caller.request('REFER'), 202, '')
        await referred
        const ended = dialog.bye()
        caller.respond(await caller.request('BYE'), 200, '')
        await ended
        const headers: [string, string][] = [
          ['Event', 'refer'],
          ['Subscription-State', 'terminated;reason=noresource'],
          ['Content-Type', 'message/sipfrag'],
        ]
        const notify = () => caller.inDialog('NOTIFY', ok, { headers, body: 'SIP/2.0 200 OK\r\n' })
        assert.match(await forged(notify()), /^SIP\/2\.0 403 /)
        caller.send(notify())
        assert.equal((await user.log.next<IncomingRequest>('request')).request.method, 'NOTIFY')
        await caller.response('NOTIFY', 200)
        assert.equal(user.log.names.filter((what) => what === 'reinvite').length, 0)
        caller.close()
      })
    })

    describe('an INVITE that it sends', () => {
      it('is rung, accepted, acknowledged, used and ended', async () => {
        const from = '"Ann" <sip:+14155550123@localhost>'
        const headers = [
          ['X-Account', '7'],
          ['X-Name', 'Zoë'],
          ['X-Two', 'a'],
          ['X-Two', 'b'],
        ] as const
        const outgoing = stack.invite(peer.uri, { from, headers, body: offer }, recordInvite(user.log))
        const invite = await peer.log.next<InitialInvite>('invite')
        const { request } = invite
        assert.equal(request.callId, outgoing.callId)
        assert.match(request.header('From') ?? '', /^"Ann" <sip:\+14155550123@127\.0\.0\.1(:\d+)?>;tag=/)
        assert.equal(Buffer.from(request.header('X-Name') ?? '', 'latin1').toString('utf8'), 'Zoë')
        assert.deepEqual(request.list('X-Two'), ['a', 'b'])
        assert.deepEqual([request.header('Content-Type'), request.body], ['application/sdp', offer])
        invite.respond(180, { headers: [['X-Ring', 'yes']] })
        const ringing = await user.log.next<SipResponse>('progress')
        assert.deepEqual([ringing.status, ringing.header('x-ring'), ringing.local], [180, 'yes', false])
        invite.respond(200, { body: answer })
        const { response, dialog } = await user.log.next<Accepted>('accepted')
        assert.deepEqual([response.status, response.body], [200, answer])
        assert.equal(dialog.remoteTag, invite.localTag)
        assert.equal(dialog.ended, false)
        dialog.ack()
        assert.equal((await peer.log.next<Request>('ack')).body, '')
        const info = await dialog.request('INFO', { headers: [['Content-Type', 'text/plain']], body: 'hello' })
        assert.deepEqual([info.status, info.local], [200, false])
        assert.equal((await peer.log.next<ServerRequest>('INFO')).request.body, 'hello')
        const bye = await dialog.bye({ headers: [['Reason', 'SIP;cause=200']] })
        assert.equal(bye.status, 200)
        assert.equal(dialog.ended, true)
        const end = await peer.log.next<{ by: 'peer'; request: Request }>('ended')
        assert.equal(end.request.header('Reason'), 'SIP;cause=200')
        assert.deepEqual(user.log.names.includes('ended'), false)
      })

      it('is refused by the peer', async () => {
        stack.invite(peer.uri, {}, recordInvite(user.log))
        const invite = await peer.log.next<InitialInvite>('invite')
        invite.respond(486, { headers: [['Retry-After', '9']] })
        const response = await user.log.next<SipResponse>('failed')
        assert.deepEqual([response.status, response.local, response.header('Retry-After')], [486, false, '9'])
      })

      it('fails with a local 408 when the peer does not answer', async () => {
        const silent = await RawPeer.open(peer.uri)
        stack.invite(silent.uri, {}, recordInvite(user.log))
        const response = await user.log.next<SipResponse>('failed')
        assert.deepEqual([response.status, response.local], [408, true])
        silent.close()
      })

      it('fails with a local 503, or 408, when no user agent listens', async () => {
        const closed = await party()
        await closed.agent.close()
        stack.invite(closed.uri, {}, recordInvite(user.log))
        const response = await user.log.next<SipResponse>('failed')
        // The system does not always tell that a port is closed.
        assert.ok([503, 408].includes(response.status) && response.local)
      })

      it('goes to no address that may not be reached, though a name has it', async () => {
        const uri = peer.uri.replace('127.0.0.1', 'localhost')
        const looked: string[] = []
        const reachable = (isAllowed: boolean) => (address: string) => {
          looked.push(address)

          return isAllowed
        }
        stack.invite(uri, { body: offer, reachable: reachable(false) }, recordInvite(user.log))
        const { status, local } = await user.log.next<SipResponse>('failed')
        assert.deepEqual([status, local], [503, true])
        const cancelled = stack.invite(uri, { body: offer, reachable: reachable(true) }, recordInvite(user.log))
        cancelled.cancel()
        assert.equal((await user.log.next<SipResponse>('failed')).status, 487)
        stack.invite(uri, { body: offer, reachable: reachable(true) }, recordInvite(user.log))
        let invite = await peer.log.next<InitialInvite>('invite')
        // The cancelled INVITE may have been sent.
        if (invite.request.callId === cancelled.callId) invite = await peer.log.next<InitialInvite>('invite')
        invite.respond(486)
        assert.equal((await user.log.next<SipResponse>('failed')).status, 486)
        assert.ok(looked.length >= 2)
        assert.deepEqual(new Set(looked), new Set(['127.0.0.1']))
      })

      it('is cancelled while it rings', async () => {
        const outgoing = stack.invite(peer.uri, {}, recordInvite(user.log))
        const invite = await peer.log.next<InitialInvite>('invite')
        invite.respond(180)
        await user.log.next('progress')
        outgoing.cancel({ headers: [['Reason', 'SIP ;cause=480']] })
        await peer.log.next('cancelled')
        assert.equal((await user.log.next<SipResponse>('failed')).status, 487)
      })

      it('is cancelled before any response, with the CANCEL held until one came', async () => {
        const outgoing = stack.invite(peer.uri, {}, recordInvite(user.log))
        outgoing.cancel()
        await peer.log.next('invite')
        await peer.log.next('cancelled')
        assert.equal((await user.log.next<SipResponse>('failed')).status, 487)
        assert.ok(!peer.messages.slice(0, peer.messages.indexOf('out 100 INVITE')).includes('in CANCEL'))
      })

      it('is ended when its 2xx crosses the CANCEL, and fails with a local 487', async () => {
        const outgoing = stack.invite(peer.uri, {}, recordInvite(user.log))
        const invite = await peer.log.next<InitialInvite>('invite')
        invite.respond(180)
        await user.log.next('progress')
        invite.respond(200, { body: answer })
        outgoing.cancel()
        const response = await user.log.next<SipResponse>('failed')
        assert.deepEqual([response.status, response.local], [487, true])
        await peer.log.next('ack')
        await peer.log.next('ended')
      })

      it('answers one challenge with the credentials for its realm', async () => {
        const challenge: [string, string][] = [
          ['WWW-Authenticate', 'Digest realm="trunk", nonce="n1", qop="auth", algorithm=SHA-256'],
          ['WWW-Authenticate', 'Digest realm="trunk", nonce="n1", qop="auth", algorithm=MD5'],
        ]
        const credentials = () => ({ username: 'ann', password: 'secret', realm: 'trunk' })
        stack.invite(peer.uri, { credentials, body: offer }, recordInvite(user.log))
        const first = await peer.log.next<InitialInvite>('invite')
        first.respond(401, { headers: challenge })
        const second = await peer.log.next<InitialInvite>('invite')
        assert.match(second.request.header('Authorization') ?? '', /^Digest .*username="ann".*realm="trunk"/)
        assert.equal(second.request.body, offer)
        assert.equal(second.request.cseq?.number, (first.request.cseq?.number ?? 0) + 1)
        assert.equal(second.request.fromTag, first.request.fromTag)
        second.respond(401, { headers: challenge })
        assert.equal((await user.log.next<SipResponse>('failed')).status, 401)
      })

      it('answers a proxy and the server behind it, and again when a nonce is stale', async () => {
        const credentials = () => ({ username: 'ann', password: 'secret' })
        const answers = (invite: InitialInvite) =>
          ['Authorization', 'Proxy-Authorization'].map(
            (header) => /nonce="(\w+)"/.exec(invite.request.headers(header).join(' and '))?.[1],
          )
        stack.invite(peer.uri, { credentials, body: offer }, recordInvite(user.log))
        const first = await peer.log.next<InitialInvite>('invite')
        first.respond(407, { headers: [['Proxy-Authenticate', 'Digest realm="p", nonce="p1", qop="auth"']] })
        const second = await peer.log.next<InitialInvite>('invite')
        assert.deepEqual(answers(second), [undefined, 'p1'])
        second.respond(401, { headers: [['WWW-Authenticate', 'Digest realm="s", nonce="s1", qop="auth"']] })
        const third = await peer.log.next<InitialInvite>('invite')
        assert.deepEqual(answers(third), ['s1', 'p1'])
        const stale: [string, string][] = [['WWW-Authenticate', 'Digest realm="s", nonce="s2", qop="auth", stale=true']]
        third.respond(401, { headers: stale })
        const fourth = await peer.log.next<InitialInvite>('invite')
        assert.deepEqual(answers(fourth), ['s2', 'p1'])
        // No peer can have us ask for ever.
        fourth.respond(401, { headers: stale })
        assert.equal((await user.log.next<SipResponse>('failed')).status, 401)
      })

      it('gives no credentials to another realm', async () => {
        const credentials = () => ({ username: 'ann', password: 'secret', realm: 'trunk' })
        stack.invite(peer.uri, { credentials }, recordInvite(user.log))
        const invite = await peer.log.next<InitialInvite>('invite')
        invite.respond(401, { headers: [['WWW-Authenticate', 'Digest realm="phish", nonce="n1", qop="auth"']] })
        assert.equal((await user.log.next<SipResponse>('failed')).status, 401)
        assert.equal(peer.log.names.filter((what) => what === 'invite').length, 1)
      })
    })

    describe('an INVITE that it takes', () => {
      it('is no new call when it is to replace a dialog or to join one: 481, 486 or 488 for one that is here', async () => {
        const { dialog, peerDialog } = await callIn()
        const { callId, localTag, remoteTag } = peerDialog
        const gone = 'gone;to-tag=1;from-tag=2'
        const here = `${callId};to-tag=${remoteTag};from-tag=${localTag}`
        for (const [status, ...headers] of [
          [481, ['Replaces', gone]],
          [481, ['Join', gone]],
          [488, ['Replaces', here]],
          [488, ['Join', here]],
          [400, ['Replaces', 'gone']],
          [400, ['Replaces', here], ['Join', gone]],
          [481, ['Replaces', gone], ['Require', 'replaces']],
          [486, ['Replaces', `${here};early-only`]],
          [420, ['Require', 'replaces']],
        ] as [number, ...[string, string][]][]) {
          peer.agent.invite({ uri: stackUri(), headers, body: offer }, inviteUser(peer.log))
          assert.equal((await peer.log.next<Response>('refused')).status, status, String(headers))
        }
        assert.equal(user.log.names.filter((each) => each === 'invite').length, 1)
        assert.equal(dialog.ended, false)
        await dialog.bye()
      })

      it('rings, is accepted, used and ended by the peer', async () => {
        const headers: [string, string][] = [['X-Name', Buffer.from('Zoë').toString('latin1')]]
        peer.agent.invite({ uri: stackUri(), headers, body: offer }, inviteUser(peer.log))
        const invite = await user.log.next<IncomingInvite>('invite')
        assert.equal(invite.request.method, 'INVITE')
        assert.equal(invite.request.header('x-name'), 'Zoë')
        assert.equal(invite.request.body, offer)
        assert.equal(invite.request.source.address, '127.0.0.1')
        invite.progress(183, { reason: 'Early Media', body: answer })
        const early = await peer.log.next<Response>('183')
        assert.deepEqual([early.reason, early.body], ['Early Media', answer])
        const dialog = invite.accept({ headers: [['X-Ok', '1']], body: answer }, recordDialog(user.log))
        const accepted = await peer.log.next<{ response: Response; dialog: EngineDialog }>('accepted')
        assert.equal(accepted.response.toTag, early.toTag)
        assert.equal(accepted.response.toTag, dialog.localTag)
        assert.equal(accepted.response.header('X-Ok'), '1')
        accepted.dialog.ack()
        await user.log.next<SipRequest>('ack')
        const answered = new Promise<number>((resolve, reject) => {
          const response = ({ status }: Response) => {
            resolve(status)
          }
          accepted.dialog.send('INFO', { headers: [['X-Info', 'i']] }, { response, unanswered: reject })
        })
        const info = await user.log.next<IncomingRequest>('request')
        assert.deepEqual([info.request.method, info.request.header('X-Info')], ['INFO', 'i'])
        assert.equal(await answered, 200)
        accepted.dialog.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
        const end = await user.log.next<SipDialogEnd>('ended')
        assert.equal(end.by, 'peer')
        assert.equal(dialog.ended, true)
        assert.deepEqual([(await dialog.bye()).status, (await dialog.request('INFO')).local], [481, true])
      })

      it('is rejected', async () => {
        peer.agent.invite({ uri: stackUri() }, inviteUser(peer.log))
        const invite = await user.log.next<IncomingInvite>('invite')
        invite.reject(404, { headers: [['X-Why', 'no such number']] })
        const response = await peer.log.next<Response>('refused')
        assert.deepEqual([response.status, response.header('X-Why')], [404, 'no such number'])
      })

      it('is cancelled by the peer: accepting it afterwards gives an ended dialog', async () => {
        const outgoing = peer.agent.invite({ uri: stackUri() }, inviteUser(peer.log))
        const invite = await user.log.next<IncomingInvite>('invite')
        invite.progress(180)
        await peer.log.next('180')
        outgoing.cancel([['Reason', 'SIP ;cause=600']])
        const cancel = await user.log.next<SipRequest | undefined>('cancelled')
        assert.equal(cancel?.header('Reason'), 'SIP ;cause=600')
        assert.equal((await peer.log.next<Response>('refused')).status, 487)
        const dialog = invite.accept({ body: answer }, recordDialog(user.log))
        assert.equal(dialog.ended, true)
        assert.equal((await dialog.bye()).status, 481)
        invite.reject(500)
      })

      it('hands over the answer to a late offer with the ACK', async () => {
        peer.agent.invite({ uri: stackUri() }, inviteUser(peer.log))
        const invite = await user.log.next<IncomingInvite>('invite')
        assert.equal(invite.request.body, '')
        const dialog = invite.accept({ body: offer }, recordDialog(user.log))
        const { dialog: peerDialog } = await peer.log.next<{ dialog: EngineDialog }>('accepted')
        peerDialog.ack({ body: answer })
        assert.equal((await user.log.next<SipRequest>('ack')).body, answer)
        await dialog.bye()
      })

      it('ends the call when its 2xx is never acknowledged', async () => {
        peer.agent.invite({ uri: stackUri() }, inviteUser(peer.log))
        const invite = await user.log.next<IncomingInvite>('invite')
        invite.accept({ body: answer }, recordDialog(user.log))
        assert.deepEqual(await user.log.next<SipDialogEnd>('ended'), { by: 'stack', reason: 'ack_timeout' })
        await peer.log.next('ended')
      })
    })

    describe('a dialog', () => {
      it('takes a re-INVITE with a late offer, and hands its ACK to the user that answered it', async () => {
        const { dialog, peerDialog } = await callIn()
        const accepted = new Promise<Response>((resolve, reject) => {
          peerDialog.send('INVITE', {}, { response: resolve, unanswered: reject })
        })
        const reinvite = await user.log.next<IncomingReinvite>('reinvite')
        const acknowledged = new Promise<SipRequest>((resolve) => {
          reinvite.respond(200, { body: offer }, resolve)
        })
        assert.equal((await accepted).body, offer)
        peerDialog.ack({ body: answer })
        assert.equal((await acknowledged).body, answer)
        await dialog.bye()
        assert.equal(user.log.names.filter((what) => what === 'ack').length, 1)
      })

      it('sends a re-INVITE and its ACK, and refreshes the remote target', async () => {
        const { dialog } = await callOut()
        const done = dialog.reinvite({ body: offer })
        const reinvite = await peer.log.next<ServerInvite>('reinvite')
        assert.equal((await dialog.reinvite()).status, 491)
        reinvite.respond(200, { headers: [['Contact', `<${peer.uri};moved=yes>`]], body: answer })
        assert.deepEqual([(await done).status, (await done).body], [200, answer])
        dialog.ack({ headers: [['X-Ack', '2']] })
        assert.equal((await peer.log.next<Request>('ack')).header('X-Ack'), '2')
        assert.equal(dialog.remoteTarget, `${peer.uri};moved=yes`)
        await dialog.bye()
      })

      it('ends while its own re-INVITE is pending, which ends with a local 487', async () => {
        const { dialog } = await callOut()
        const pending = dialog.reinvite({ body: offer })
        await peer.log.next('reinvite')
        const bye = dialog.bye()
        const response = await pending
        assert.deepEqual([response.status, response.local], [487, true])
        assert.equal((await bye).status, 200)
      })

      it('ends by the peer while a request of ours is pending, which ends with a local answer', async () => {
        const { dialog, invite } = await callOut()
        invite.dialogUser = { ...dialogUser(peer.log), request: () => peer.log.add('kept') }
        const pending = dialog.request('INFO')
        await peer.log.next('kept')
        invite.dialog?.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
        const response = await pending
        assert.deepEqual([response.status, response.local], [481, true])
        await user.log.next('ended')
      })

      /** A peer that challenges what has no credentials, and notes what each request brings. */
      function challenging(log: Happenings, challenged: string[], headers: [string, string][] = []): DialogUser {
        const take = (request: ServerRequest, status: number, body?: string): void => {
          const { method } = request.request
          const value = request.request.header('Proxy-Authorization')
          const given = value === undefined ? undefined : parseDigest(value)
          challenged.push([method, given?.get('nonce') ?? '-', given?.get('nc') ?? ''].join(' ').trim())
          if (given) request.respond(status, { headers, body })
          else request.respond(407, { headers: [['Proxy-Authenticate', 'Digest realm="p", nonce="n1", qop="auth"']] })
        }

        return {
          ...dialogUser(log),
          request: (request) => {
            take(request, 202)
          },
          invite: (invite) => {
            take(invite, 200, answer)
          },
          bye: (bye) => {
            take(bye, 200)
          },
        }
      }

      const credentials = () => ({ username: 'ann', password: 'secret' })

      it('answers challenges to every request, once for each nonce', async () => {
        const challenged: string[] = []
        stack.invite(peer.uri, { body: offer, credentials }, recordInvite(user.log))
        const invite = await peer.log.next<InitialInvite>('invite')
        invite.respond(200, { body: answer })
        const { dialog } = await user.log.next<Accepted>('accepted')
        dialog.ack()
        await peer.log.next('ack')
        invite.dialogUser = challenging(peer.log, challenged)
        assert.equal((await dialog.reinvite({ body: offer })).status, 200)
        dialog.ack()
        const ack = await peer.log.next<Request>('ack')
        assert.match(ack.header('Proxy-Authorization') ?? '', /nc=00000001/, 'RFC 3261 22.1')
        for (const method of ['INFO', 'UPDATE', 'REFER', 'OPTIONS', 'NOTIFY', 'MESSAGE']) {
          const headers: [string, string][] = method === 'REFER' ? [['Refer-To', '<sip:x@127.0.0.1>']] : []
          assert.equal((await dialog.request(method, { headers })).status, 202, method)
        }
        assert.deepEqual(challenged, [
          'INVITE -',
          ...['INVITE', 'INFO', 'UPDATE', 'REFER', 'OPTIONS', 'NOTIFY', 'MESSAGE'].map(
            (method, at) => `${method} n1 0000000${at + 1}`,
          ),
        ])
        await dialog.bye()
      })

      it('answers the challenge to a BYE in a dialog that the peer began, and takes the nonce that is to be next', async () => {
        const challenged: string[] = []
        peer.agent.invite({ uri: stackUri(), body: offer }, inviteUser(peer.log))
        const dialog = (await user.log.next<IncomingInvite>('invite')).accept(
          { body: answer, credentials },
          recordDialog(user.log),
        )
        const { dialog: peerDialog } = await peer.log.next<{ dialog: EngineDialog }>('accepted')
        peerDialog.ack()
        await user.log.next('ack')
        peerDialog.user = challenging(peer.log, challenged, [['Proxy-Authentication-Info', 'nextnonce="n2"']])
        assert.equal((await dialog.request('INFO')).status, 202)
        peerDialog.user = challenging(peer.log, challenged)
        assert.equal((await dialog.bye()).status, 200)
        assert.deepEqual(challenged, ['INFO -', 'INFO n1 00000001', 'BYE n2 00000001'])
      })

      it('asks for the credentials of the hop that has challenged', async () => {
        const hops: NextHop[] = []
        const none = (hop: NextHop) => {
          hops.push(hop)

          return undefined
        }
        peer.agent.invite({ uri: stackUri(), body: offer }, inviteUser(peer.log))
        const dialog = (await user.log.next<IncomingInvite>('invite')).accept(
          { body: answer, credentials: none },
          recordDialog(user.log),
        )
        const { dialog: peerDialog } = await peer.log.next<{ dialog: EngineDialog }>('accepted')
        peerDialog.ack()
        await user.log.next('ack')
        peerDialog.user = challenging(peer.log, [])
        assert.equal((await dialog.request('INFO')).status, 407)
        assert.deepEqual(hops, [{ uri: peer.uri, address: '127.0.0.1' }])
        await dialog.bye()
      })
    })

    it('sends and takes requests outside dialogs', async () => {
      const pending = stack.request('MESSAGE', peer.uri, { headers: [['Content-Type', 'text/plain']], body: 'hi' })
      const message = await peer.log.next<ServerRequest>('MESSAGE')
      assert.equal(message.request.body, 'hi')
      message.respond(202)
      assert.equal((await pending).status, 202)
      const answered = new Promise<Response>((resolve, reject) => {
        peer.agent.request('MESSAGE', { uri: stackUri(), body: 'ho' }, { response: resolve, unanswered: reject })
      })
      const request = await user.log.next<IncomingRequest>('request')
      assert.equal(request.request.body, 'ho')
      request.respond(404, { reason: 'No Such User' })
      assert.deepEqual([(await answered).status, (await answered).reason], [404, 'No Such User'])
    })

    it('lets no user write headers that are the stack’s, nor break out of a line', async () => {
      const headers = [
        ['X-Evil', 'a\r\nX-Injected: b'],
        ['Via', 'SIP/2.0/UDP evil'],
        ['Call-ID', 'mine'],
      ] as const
      const pending = stack.request('MESSAGE', peer.uri, { headers, body: 'x' })
      const message = await peer.log.next<ServerRequest>('MESSAGE')
      message.respond(200)
      assert.equal((await pending).status, 200)
      assert.equal(message.request.header('X-Injected'), undefined)
      assert.equal(message.request.headers('Via').length, 1)
      assert.notEqual(message.request.callId, 'mine')
    })

    it('shows every message, in order, with its call', async () => {
      const { dialog } = await callOut()
      await dialog.bye()
      // But for what a busy machine sends twice.
      const texts = user.messages.map(({ text }) => text)
      const shown = user.messages
        .filter(({ text }, at) => texts.indexOf(text) === at)
        .filter(({ callId, status }) => callId === dialog.callId && status !== 100)
        .map(({ direction, method, status }) => [direction, status, method].join(' ').replace('  ', ' '))
      assert.deepEqual(shown, ['out INVITE', 'in 200 INVITE', 'out ACK', 'out BYE', 'in 200 BYE'])
      for (const record of user.messages) {
        assert.match(record.text, /^(SIP\/2\.0 \d|[A-Z]+ sip:)/)
        assert.match(record.remote, /^127\.0\.0\.1:\d+$/)
      }
    })
  })
}
