import assert from 'node:assert/strict'
import type { InitialInvite, Response, ServerInvite, ServerRequest } from '../../../../engine/index.ts'
import type { DrachtioServer } from '../../../../engine/drachtio/index.ts'
import type { DrachtioStack } from '../../../../server/sip/drachtio/index.ts'
import type {
  SipDialog,
  IncomingInvite,
  InviteOptions,
  IncomingRequest,
  SipRequest,
  SipResponse,
} from '../../../../server/sip/stack.ts'
import { dialogUser, inviteUser, type Party, party, settle } from '../../../engine/user-agent/two-agents.ts'
import { type Accepted, recordDialog, recordInvite, RecordingUser } from '../recording-user.ts'
import { adapter, at, engine } from './stacks.ts'
import { until } from '../../../harness/until.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n'
const answer = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\n'

/** What drachtio-srf does by itself, and a B2BUA must not suffer from; on our engine as the server. */
describe('drachtio-srf kept in check', () => {
  let server: DrachtioServer
  let stack: DrachtioStack
  let user: RecordingUser
  let peer: Party

  before(async () => {
    server = await engine()
  })
  beforeEach(async () => {
    stack = adapter(at(server))
    user = new RecordingUser()
    await stack.start(user)
    peer = await party()
  })
  afterEach(async () => {
    await stack.close()
    await settle(peer)
  })
  after(() => server.close())

  const stackUri = () => `sip:service@127.0.0.1:${stack.addresses[0]!.port}`

  async function callOut(options: InviteOptions = {}): Promise<{ dialog: SipDialog; invite: InitialInvite }> {
    stack.invite(peer.uri, { body: offer, ...options }, recordInvite(user.log))
    const invite = await peer.log.next<InitialInvite>('invite')
    invite.respond(200, { body: answer })
    const { dialog } = await user.log.next<Accepted>('accepted')
    dialog.ack()
    await peer.log.next('ack')

    return { dialog, invite }
  }

  it('a re-INVITE that was refused does not hold up the next one', async () => {
    const { dialog } = await callOut()
    for (const status of [488, 500]) {
      const refused = dialog.reinvite({ body: offer })
      const reinvite = await peer.log.next<ServerInvite>('reinvite')
      reinvite.respond(status)
      assert.equal((await refused).status, status)
    }
    const accepted = dialog.reinvite({ body: offer })
    const reinvite = await peer.log.next<ServerInvite>('reinvite')
    reinvite.respond(200, { body: answer })
    assert.equal((await accepted).body, answer)
    dialog.ack()
    await peer.log.next('ack')
    assert.equal((await dialog.bye()).status, 200)
  })

  it('a 2xx to a re-INVITE other than 200 is a success, and acknowledged', async () => {
    const { dialog } = await callOut()
    const accepted = dialog.reinvite({ body: offer })
    const reinvite = await peer.log.next<ServerInvite>('reinvite')
    reinvite.respond(202, { body: answer })
    assert.equal((await accepted).status, 202)
    dialog.ack()
    await peer.log.next('ack')
    await dialog.bye()
  })

  it('the options that it is given stay as they are, and serve for one attempt after the other', async () => {
    const lines = [['X-Account', '7'] as const, ['Reason', 'Q.850;cause=16'] as const, ['X-Two', 'a'] as const]
    const headers = Object.freeze(lines.map((line) => Object.freeze(line)))
    const options: InviteOptions = Object.freeze({ from: '<sip:ann@localhost>', headers, body: offer })
    const written = JSON.stringify(options)
    for (let attempt = 0; attempt < 2; attempt++) {
      stack.invite(peer.uri, options, recordInvite(user.log))
      const invite = await peer.log.next<InitialInvite>('invite')
      assert.deepEqual(invite.request.list('X-Account'), ['7'])
      invite.respond(486)
      await user.log.next('failed')
    }
    assert.equal(JSON.stringify(options), written)
  })

  it('several values of a header stay lines of their own', async () => {
    const pending = stack.request('MESSAGE', peer.uri, {
      headers: [
        ['X-Two', 'a, b'],
        ['X-Two', 'c'],
      ],
    })
    const message = await peer.log.next<ServerRequest>('MESSAGE')
    assert.deepEqual(message.request.headers('X-Two'), ['a, b', 'c'])
    message.respond(200)
    await pending
  })

  it('REFER, INFO, NOTIFY and re-INVITE are answered by their user alone', async () => {
    const { invite } = await callOut()
    const log = user.log.names
    for (const method of ['REFER', 'INFO', 'NOTIFY', 'MESSAGE', 'UPDATE']) {
      const answered = new Promise<Response>((resolve, reject) => {
        invite.dialog?.send(method, {}, { response: resolve, unanswered: reject })
      })
      const { request } = await user.log.next<IncomingRequest>('request')
      assert.equal(request.method, method)
      // `recordDialog` answers with 200 and the library's answer would have been one without a Server of ours.
      assert.equal((await answered).header('Server'), 'Baton')
    }
    const refused = new Promise<Response>((resolve, reject) => {
      invite.dialog?.send('INVITE', { body: offer }, { response: resolve, unanswered: reject })
    })
    const reinvite = await user.log.next<IncomingRequest>('reinvite')
    reinvite.respond(488)
    assert.equal((await refused).status, 488)
    assert.equal(log.includes('ended'), false)
    invite.dialog?.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
    await user.log.next('ended')
  })

  it('an UPDATE reaches its user while a request of ours is pending in that dialog', async () => {
    const { dialog, invite } = await callOut()
    let waiting: ServerRequest | undefined
    invite.dialogUser = {
      ...dialogUser(peer.log),
      request: (request) => {
        waiting = request
        peer.log.add('kept')
      },
    }
    const info = dialog.request('INFO')
    await peer.log.next('kept')
    const updated = new Promise<Response>((resolve, reject) => {
      invite.dialog?.send('UPDATE', {}, { response: resolve, unanswered: reject })
    })
    assert.equal((await user.log.next<IncomingRequest>('request')).request.method, 'UPDATE')
    assert.equal((await updated).status, 200)
    waiting?.respond(200)
    assert.equal((await info).status, 200)
    await dialog.bye()
  })

  it('a digest in a dialog names the Request-URI that was sent, not a placeholder', async () => {
    const { dialog, invite } = await callOut({ credentials: () => ({ username: 'ann', password: 'secret' }) })
    let authorization = ''
    let uri = ''
    invite.dialogUser = {
      ...dialogUser(peer.log),
      request: (request) => {
        authorization = request.request.header('Authorization') ?? ''
        uri = request.request.uri
        const challenge: [string, string] = ['WWW-Authenticate', 'Digest realm="r", nonce="n", qop="auth,auth-int"']
        if (authorization === '') request.respond(401, { headers: [challenge] })
        else request.respond(200)
      },
    }
    const response = await dialog.request('INFO')
    assert.equal(response.status, 200)
    assert.ok(authorization.includes(`uri="${uri}"`), authorization)
    assert.ok(!authorization.includes('placeholder'))
    await dialog.bye()
  })

  it('a CANCEL reaches its own INVITE, also when another one has its Call-ID', async () => {
    const callId = 'one-for-two'
    const first = peer.agent.invite({ uri: stackUri(), callId }, inviteUser(peer.log))
    await user.log.next<IncomingInvite>('invite')
    const other = await party()
    other.agent.invite({ uri: stackUri(), callId }, inviteUser(other.log))
    const second = await user.log.next<IncomingInvite>('invite')
    let isCancelled = false
    second.onCancel = () => (isCancelled = true)
    first.cancel()
    await user.log.next<SipRequest>('cancelled')
    await peer.log.next('refused')
    assert.equal(isCancelled, false)
    second.reject(486)
    assert.equal((await other.log.next<Response>('refused')).status, 486)
    await settle(other)
  })

  it('statuses that the library does not know are sent, too', async () => {
    peer.agent.invite({ uri: stackUri() }, inviteUser(peer.log))
    const invite = await user.log.next<IncomingInvite>('invite')
    invite.progress(189)
    await peer.log.next('189')
    invite.reject(599, { reason: 'Own Idea' })
    const response = await peer.log.next<Response>('refused')
    assert.deepEqual([response.status, response.reason], [599, 'Own Idea'])
  })

  it('a body in another script arrives as the bytes it was', async () => {
    const bytes = Buffer.from('smile 😀 žluťoučký', 'utf8').toString('latin1')
    const pending = stack.request('MESSAGE', peer.uri, { headers: [['Content-Type', 'text/plain']], body: bytes })
    const message = await peer.log.next<ServerRequest>('MESSAGE')
    assert.equal(message.request.body, bytes)
    message.respond(200, { headers: [['Content-Type', 'text/plain']], body: bytes })
    assert.equal((await pending).body, bytes)
  })

  it('a request that requires an unknown extension gets 420, and OPTIONS lists the extensions', async () => {
    const ask = (method: string, headers: [string, string][]) =>
      new Promise<Response>((resolve, reject) => {
        peer.agent.request(method, { uri: stackUri(), headers }, { response: resolve, unanswered: reject })
      })
    const refused = await ask('MESSAGE', [['Require', 'teleport']])
    assert.deepEqual([refused.status, refused.header('Unsupported')], [420, 'teleport'])
    const options = await ask('OPTIONS', [])
    assert.equal(options.status, 200)
    assert.match(options.header('Allow') ?? '', /REFER/)
  })

  it('provisional responses are reliable when the caller requires it, and PRACKed when the callee does', async () => {
    peer.agent.invite({ uri: stackUri(), headers: [['Require', '100rel']], body: offer }, inviteUser(peer.log))
    const invite = await user.log.next<IncomingInvite>('invite')
    invite.progress(183, { body: answer })
    assert.match((await peer.log.next<Response>('183')).header('RSeq') ?? '', /^\d+$/)
    invite.reject(486)
    await peer.log.next('refused')
  })

  it('a call whose INVITE was cancelled while it was being accepted ends for its user', async () => {
    const outgoing = peer.agent.invite({ uri: stackUri() }, inviteUser(peer.log))
    const invite = await user.log.next<IncomingInvite>('invite')
    invite.progress(180)
    await peer.log.next('180')
    // The CANCEL is with the server when our 200 comes to it.
    outgoing.cancel()
    await new Promise((resolve) => {
      peer.log.add('waiting')
      setImmediate(resolve)
    })
    const dialog = invite.accept({ body: answer }, recordDialog(user.log))
    await peer.log.next<Response>('refused').catch(() => undefined)
    await until('the call has ended', () => dialog.ended)
    assert.deepEqual(stack.state().dialogs, 0)
  })

  it('a response larger than any server takes becomes a 500', async () => {
    const asked = new Promise<Response>((resolve, reject) => {
      peer.agent.request('MESSAGE', { uri: stackUri() }, { response: resolve, unanswered: reject })
    })
    const request = await user.log.next<IncomingRequest>('request')
    request.respond(200, { body: 'v=0\r\n'.repeat(4000) })
    assert.equal((await asked).status, 500)
    const sent: SipResponse = await stack.request('MESSAGE', peer.uri, { body: 'v=0\r\n'.repeat(4000) })
    assert.deepEqual([sent.status, sent.local], [513, true])
  })
})
