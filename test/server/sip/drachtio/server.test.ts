import assert from 'node:assert/strict'
import type { DrachtioStack } from '../../../../server/sip/drachtio/index.ts'
import type {
  SipDialog,
  SipDialogEnd,
  IncomingInvite,
  IncomingRequest,
  SipResponse,
} from '../../../../server/sip/stack.ts'
import { fromNetwork, StandInServer, type Wanted } from '../../../stand-ins/drachtio-server.ts'
import { type Accepted, recordDialog, recordInvite, RecordingUser } from '../recording-user.ts'
import { adapter } from './stacks.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n'
const theirs = 'call;from-tag=theirs'
const invite = { startLine: 'INVITE sip:us@127.0.0.1:5060 SIP/2.0', cseq: '1 INVITE', body: offer }

const connectTo = (port: number, secret = 'right') => adapter({ kind: 'connect', host: '127.0.0.1', port, secret })

/** What drachtio servers do that ours does not, and what becomes of calls when one goes away. */
describe('a drachtio server that is not as good as ours', () => {
  let server: StandInServer
  let stack: DrachtioStack
  let user: RecordingUser

  beforeEach(async () => {
    server = await StandInServer.start()
    stack = connectTo(server.port)
    user = new RecordingUser()
    await stack.start(user)
  })
  afterEach(async () => {
    await stack.close()
    await server.close()
  })

  /** A call to us, answered and acknowledged. */
  async function callIn(): Promise<SipDialog> {
    server.send(fromNetwork(invite))
    const incoming = await user.log.next<IncomingInvite>('invite')
    const dialog = incoming.accept({ body: offer }, recordDialog(user.log))
    await server.log.next('200 INVITE')
    server.send(fromNetwork({ startLine: 'ACK sip:us@127.0.0.1:5060 SIP/2.0', cseq: '1 ACK', dialogId: theirs }))
    await user.log.next('ack')

    return dialog
  }

  const inDialog = (method: string, cseq: number, more: object = {}) =>
    fromNetwork({
      startLine: `${method} sip:us@127.0.0.1:5060 SIP/2.0`,
      cseq: `${cseq} ${method}`,
      dialogId: theirs,
      ...more,
    })

  const response = (status: string, cseq: string, transactionId: string, more: object = {}) =>
    fromNetwork({ startLine: `SIP/2.0 ${status}`, cseq, transactionId, ...more })

  it('a request whose final response it forgets ends with a local 408', async () => {
    const dialog = await callIn()
    const info = dialog.request('INFO')
    server.confirm(await server.log.next<Wanted>('INFO'))
    const { status, local } = await info
    assert.deepEqual([status, local], [408, true])
    assert.equal(stack.state().transactions, 0)
  })

  it('a request that it does not even confirm ends with a local 408', async () => {
    const { status, local } = await stack.request('MESSAGE', 'sip:them@127.0.0.1:5070', { body: offer })
    assert.deepEqual([status, local], [408, true])
  })

  it('an INVITE that is given up ends with a local 487, though nothing ever came', async () => {
    const outgoing = stack.invite('sip:them@127.0.0.1:5070', { body: offer }, recordInvite(user.log))
    outgoing.cancel()
    server.confirm(await server.log.next<Wanted>('INVITE'))
    await server.log.next('CANCEL')
    const { status, local } = await user.log.next<SipResponse>('failed')
    assert.deepEqual([status, local], [487, true])
  })

  it('a CANCEL waits until the server knows the INVITE, and names its transaction', async () => {
    const outgoing = stack.invite('sip:them@127.0.0.1:5070', { body: offer }, recordInvite(user.log))
    outgoing.cancel({ headers: [['Reason', 'SIP;cause=480']] })
    const sent = await server.log.next<Wanted>('INVITE')
    assert.ok(!server.log.names.includes('CANCEL'))
    const transactionId = server.confirm(sent)
    const cancel = await server.log.next<Wanted>('CANCEL')
    assert.equal(cancel.transactionId, transactionId)
    assert.match(cancel.text, /Reason: SIP;cause=480/)
  })

  it('a BYE that crosses our re-INVITE ends it with a local 487, of which the server says nothing', async () => {
    const dialog = await callIn()
    const reinvite = dialog.reinvite({ body: offer })
    server.confirm(await server.log.next<Wanted>('INVITE'))
    server.send(inDialog('BYE', 2))
    const { status, local } = await reinvite
    assert.deepEqual([status, local], [487, true])
    await server.log.next('200 BYE')
    assert.equal((await user.log.next<SipDialogEnd>('ended')).by, 'peer')
    assert.deepEqual(stack.state(), { transactions: 0, dialogs: 0, timers: 0 })
  })

  it('a 2xx to a re-INVITE that had ended with its dialog is acknowledged all the same', async () => {
    const dialog = await callIn()
    const reinvite = dialog.reinvite({ body: offer })
    const transactionId = server.confirm(await server.log.next<Wanted>('INVITE'))
    void dialog.bye()
    await reinvite
    server.send(response('200 OK', '7 INVITE', transactionId, { dialogId: theirs, body: offer }))
    await server.log.next('ACK')
  })

  it('what comes right behind an INVITE is not lost: CANCEL', async () => {
    server.send(
      fromNetwork({ ...invite, transactionId: 't1' }),
      fromNetwork({ startLine: 'CANCEL sip:us@127.0.0.1:5060 SIP/2.0', cseq: '1 CANCEL', transactionId: 't1' }),
    )
    const incoming = await user.log.next<IncomingInvite>('invite')
    await user.log.next('cancelled')
    assert.equal(incoming.accept({}, recordDialog(user.log)).ended, true)
    assert.deepEqual(stack.state(), { transactions: 0, dialogs: 0, timers: 0 })
  })

  it('what comes right behind the ACK is not lost: NOTIFY, re-INVITE and BYE', async () => {
    server.send(fromNetwork(invite))
    const incoming = await user.log.next<IncomingInvite>('invite')
    incoming.accept({ body: offer }, recordDialog(user.log))
    server.send(
      inDialog('ACK', 1),
      inDialog('NOTIFY', 2, { headers: ['Event: refer', 'Subscription-State: active'] }),
      inDialog('INVITE', 3, { body: offer }),
      inDialog('BYE', 4),
    )
    await user.log.next('ended')
    assert.deepEqual(user.log.names.slice(-4), ['ack', 'request', 'reinvite', 'ended'])
  })

  it('a response is delivered before the request behind it', async () => {
    const dialog = await callIn()
    const order: string[] = []
    const refer = dialog.request('REFER').then(async () => {
      await Promise.resolve()
      order.push('202')
    })
    const transactionId = server.confirm(await server.log.next<Wanted>('REFER'))
    const notified = user.log.next<IncomingRequest>('request').then(() => order.push('NOTIFY'))
    server.send(response('202 Accepted', '7 REFER', transactionId, { dialogId: theirs }), inDialog('NOTIFY', 2))
    await Promise.all([refer, notified])
    assert.deepEqual(order, ['202', 'NOTIFY'])
  })

  it('re-INVITEs that overlap, and requests out of order, are refused here', async () => {
    const dialog = await callIn()
    server.send(inDialog('INVITE', 5, { body: offer }), inDialog('INVITE', 6, { body: offer }), inDialog('INFO', 4))
    assert.match((await server.log.next<Wanted>('500 INVITE')).text, /Retry-After: \d/i)
    await server.log.next('500 INFO')
    assert.equal(user.log.names.filter((name) => name === 'reinvite').length, 1)
    assert.equal((await dialog.reinvite()).status, 491)
  })

  it('a Contact that changes is where requests go from then on', async () => {
    const dialog = await callIn()
    const moved = ['Contact: <sip:moved@127.0.0.1:5071>']
    server.send(inDialog('UPDATE', 2, { headers: moved }).replace('Contact: <sip:them@127.0.0.1:5070>\r\n', ''))
    await user.log.next('request')
    assert.equal(dialog.remoteTarget, 'sip:moved@127.0.0.1:5071')
    void dialog.request('INFO')
    assert.match((await server.log.next<Wanted>('INFO')).text, /^INFO sip:moved@127\.0\.0\.1:5071 SIP/)
  })

  it('a NOTIFY of our REFER after the BYE is heard, though it comes as if it were in no dialog', async () => {
    const dialog = await callIn()
    const refer = dialog.request('REFER')
    const transactionId = server.confirm(await server.log.next<Wanted>('REFER'))
    server.send(response('202 Accepted', '7 REFER', transactionId, { dialogId: theirs }), inDialog('BYE', 2))
    await refer
    await user.log.next('ended')
    const to = `To: <sip:us@127.0.0.1:5060>;tag=${dialog.localTag}`
    const late = inDialog('NOTIFY', 3, {
      headers: [to, 'Event: refer', 'Subscription-State: terminated'],
      dialogId: '',
    })
    server.send(late)
    const { request } = await user.log.next<IncomingRequest>('request')
    assert.equal(request.method, 'NOTIFY')
    await server.log.next('200 NOTIFY')
    // Another caller's, of the same Call-ID.
    server.send(late.replace('tag=theirs', 'tag=others'))
    await server.log.next('481 NOTIFY')
  })

  it('a message is shown with both its ends, though the server tells one', async () => {
    await callIn()
    const shown = user.messages.map(({ direction, transport, local, remote, method, status = '' }) =>
      [direction, status, method, transport, local, remote].join(' '),
    )
    assert.deepEqual(shown, [
      'in  INVITE udp 127.0.0.1:5060 127.0.0.1:5070',
      'out 200 INVITE udp 127.0.0.1:5060 127.0.0.1:5070',
      'in  ACK udp 127.0.0.1:5060 127.0.0.1:5070',
    ])
  })

  it('a BYE of the server’s own says why the call is over', async () => {
    await callIn()
    const bye = inDialog('BYE', 1, { headers: ['Reason: SIP ;cause=200 ;text="Session timer expired"'] })
    server.send(
      bye.replace('|sip|network|', '|sip|application|').replace(/(00:00:00\.000000)\|[^|]*\|/, '$1|unsolicited|'),
    )
    assert.deepEqual(await user.log.next<SipDialogEnd>('ended'), { by: 'stack', reason: 'session_expired' })
    assert.ok(!server.log.names.includes('200 BYE'))
  })

  it('a second answer to the same challenge is not tried', async () => {
    const credentials = () => ({ username: 'ann', password: 'secret' })
    stack.invite('sip:them@127.0.0.1:5070', { credentials, body: offer }, recordInvite(user.log))
    const challenge = { headers: ['WWW-Authenticate: Digest realm="r", nonce="n"'] }
    for (const cseq of ['7 INVITE', '8 INVITE']) {
      const transactionId = server.confirm(await server.log.next<Wanted>('INVITE'))
      server.send(response('401 Unauthorized', cseq, transactionId, challenge))
    }
    assert.equal((await user.log.next<SipResponse>('failed')).status, 401)
    assert.equal(server.log.names.filter((name) => name === 'INVITE').length, 2)
  })

  it('a message of more than 4 KB is sent with a warning, one of 12 KB is not sent', async () => {
    const said: string[] = []
    const note = (message: string) => said.push(message)
    const careful = adapter({ kind: 'connect', host: '127.0.0.1', port: server.port, secret: 'right' }, {
      warn: note,
      error: note,
    } as never)
    await careful.start(new RecordingUser())
    void careful.request('MESSAGE', 'sip:them@127.0.0.1:5070', { body: `v=0\r\n${'a=x\r\n'.repeat(1000)}` })
    await server.log.next('MESSAGE')
    const { status } = await careful.request('MESSAGE', 'sip:them@127.0.0.1:5070', { body: 'v=0\r\n'.repeat(3000) })
    assert.equal(status, 513)
    assert.equal(said.length, 2)
    await careful.close()
  })

  describe('that goes away', () => {
    it('ends every call with the reason, refuses new ones, and serves again when it is back', async () => {
      const dialog = await callIn()
      const pending = dialog.request('INFO')
      stack.invite('sip:them@127.0.0.1:5070', { body: offer }, recordInvite(user.log))
      server.send(fromNetwork({ ...invite, callId: 'ringing' }))
      await user.log.next('invite')
      const { port } = server
      assert.equal(await user.log.next('connected'), true)
      await server.close()
      assert.equal(await user.log.next('connected'), false)
      assert.deepEqual(await user.log.next<SipDialogEnd>('ended'), { by: 'stack', reason: 'connection_lost' })
      assert.equal(dialog.ended, true)
      const failed = await user.log.next<SipResponse>('failed')
      assert.deepEqual([failed.status, failed.local], [503, true])
      await user.log.next('cancelled')
      assert.equal((await pending).local, true)
      assert.equal((await dialog.bye()).status, 481)
      assert.deepEqual(stack.state(), { transactions: 0, dialogs: 0, timers: 0 })
      const refused = await stack.request('OPTIONS', 'sip:them@127.0.0.1:5070')
      assert.deepEqual([refused.status, refused.local], [503, true])

      server = await StandInServer.start(port)
      assert.equal(await user.log.next('connected'), true)
      const again = new Promise<Accepted>((resolve) => {
        const events = recordInvite(user.log)
        const accepted = (answer: SipResponse, made: SipDialog) => resolve({ response: answer, dialog: made })
        stack.invite('sip:them@127.0.0.1:5070', { body: offer }, { ...events, accepted })
      })
      const transactionId = server.confirm(await server.log.next<Wanted>('INVITE'))
      server.send(response('200 OK', '7 INVITE', transactionId, { dialogId: 'call;from-tag=ours', body: offer }))
      assert.equal((await again).response.status, 200)
    })

    it('is closed without a trace while it is away', async () => {
      await server.close()
      await user.log.next('connected')
      await user.log.next('connected')
      await stack.close()
      await stack.close()
    })
  })

  it('that cannot be reached is named at start', async () => {
    const { port } = server
    await server.close()
    await assert.rejects(connectTo(port).start(user), new RegExp(`DRACHTIO_HOST: .*127\\.0\\.0\\.1:${port}`))
  })

  it('that refuses the secret is named at start', async () => {
    await assert.rejects(connectTo(server.port, 'wrong').start(user), /DRACHTIO_SECRET: .*refuses it/)
  })
})
