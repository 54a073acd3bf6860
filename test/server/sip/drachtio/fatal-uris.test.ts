import assert from 'node:assert/strict'
import type { IncomingInvite } from '../../../../server/sip/stack.ts'
import { fromNetwork, StandInServer, type Wanted } from '../../../stand-ins/drachtio-server.ts'
import { recordDialog, recordInvite, RecordingUser } from '../recording-user.ts'
import { adapter } from './stacks.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n'
const invite = { startLine: 'INVITE sip:us@127.0.0.1:5060 SIP/2.0', cseq: '1 INVITE', body: offer }

/** drachtio-server 0.9.10 ends itself over each of these. */
describe('a drachtio server never gets to see a URI without a host', () => {
  let server: StandInServer
  let user: RecordingUser
  let stack: ReturnType<typeof adapter>
  const said: string[] = []

  beforeEach(async () => {
    said.length = 0
    server = await StandInServer.start()
    const log = { warn: (message: string) => void said.push(message), error: () => undefined }
    stack = adapter({ kind: 'connect', host: '127.0.0.1', port: server.port, secret: 'right' }, log as never)
    user = new RecordingUser()
    await stack.start(user)
  })
  afterEach(async () => {
    await stack.close()
    await server.close()
  })

  it('a number that goes to a gateway is a user of that', async () => {
    const number = 'tel:+14155550123;phone-context=x'
    stack.invite(number, { nextHop: 'sip:gateway.example:5080;transport=tcp', body: offer }, recordInvite(user.log))
    const { text } = await server.log.next<Wanted>('INVITE')
    assert.match(text, /^INVITE sip:\+14155550123;phone-context=x@gateway\.example:5080;user=phone SIP\/2\.0\r\n/)
    assert.match(text, /^To: <tel:\+14155550123;phone-context=x>\r$/m)
  })

  for (const uri of ['tel:+14155550123', 'urn:service:sos', 'nonsense']) {
    it(`a request to ${uri} is not sent`, async () => {
      const { status, local } = await stack.request('OPTIONS', uri)
      assert.deepEqual([status, local], [503, true])
      assert.ok(!server.log.names.includes('OPTIONS'))
    })
  }

  it('an INVITE with such a Contact is not even refused, which is said in the log', async () => {
    server.send(fromNetwork(invite).replace('<sip:them@127.0.0.1:5070>\r\nContent', '<tel:+14155550123>\r\nContent'))
    server.send(fromNetwork({ ...invite, callId: 'next' }))
    const { request } = await user.log.next<IncomingInvite>('invite')
    assert.equal(request.callId, 'next')
    assert.match(said.join(), /without an answer/)
    assert.ok(!server.log.names.some((name) => name.endsWith(' INVITE')))
  })

  it('a re-INVITE with such a Contact leaves the remote target as it is', async () => {
    server.send(fromNetwork(invite))
    const dialog = (await user.log.next<IncomingInvite>('invite')).accept({ body: offer }, recordDialog(user.log))
    const inDialog = { dialogId: 'call;from-tag=theirs', startLine: 'ACK sip:us@127.0.0.1:5060 SIP/2.0', cseq: '1 ACK' }
    server.send(fromNetwork(inDialog))
    await user.log.next('ack')
    const update = fromNetwork({ ...inDialog, startLine: 'UPDATE sip:us@127.0.0.1:5060 SIP/2.0', cseq: '2 UPDATE' })
    server.send(update.replace('Contact: <sip:them@127.0.0.1:5070>', 'Contact: <tel:+14155550123>'))
    await user.log.next('request')
    assert.equal(dialog.remoteTarget, 'sip:them@127.0.0.1:5070')
  })
})
