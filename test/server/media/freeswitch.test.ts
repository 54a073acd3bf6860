import assert from 'node:assert/strict'
import type { DrachtioServer } from '../../../engine/drachtio/index.ts'
import type { Dialog as EngineDialog } from '../../../engine/index.ts'
import { type RtpEndpoint, FreeSwitch } from '../../../server/media/freeswitch.ts'
import type { DrachtioStack } from '../../../server/sip/drachtio/index.ts'
import type { SipDialogEnd, IncomingInvite } from '../../../server/sip/stack.ts'
import { inviteUser, type Party, party, settle } from '../../engine/user-agent/two-agents.ts'
import { recordDialog, RecordingUser } from '../sip/recording-user.ts'
import { adapter, at, engine } from '../sip/drachtio/stacks.ts'
import { StandInFreeSwitch } from '../../stand-ins/freeswitch.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const digits = { prompt: 'ivr/enter.wav', minDigits: 1, maxDigits: 4, timeoutSeconds: 5 }

describe('Media on a FreeSWITCH, which a stand-in plays', () => {
  let freeSwitch: StandInFreeSwitch
  let server: DrachtioServer
  let stack: DrachtioStack
  let user: RecordingUser
  let media: FreeSwitch
  let caller: Party

  before(async () => {
    server = await engine()
    freeSwitch = await StandInFreeSwitch.start('open sesame')
    stack = adapter(at(server))
    user = new RecordingUser()
    await stack.start(user)
    media = await FreeSwitch.connect({ host: '127.0.0.1', port: freeSwitch.port, secret: 'open sesame' }, stack.srf)
    caller = await party()
  })
  afterEach(() => {
    freeSwitch.answers = true
  })
  after(async () => {
    media.close()
    await stack.close()
    await settle(caller)
    await freeSwitch.close()
    await server.close()
  })

  /** A call of the caller's that FreeSWITCH has answered. */
  async function answered(): Promise<{ endpoint: RtpEndpoint; peer: EngineDialog; hangUp: () => Promise<unknown> }> {
    caller.agent.invite({ uri: `sip:ivr@127.0.0.1:${stack.addresses[0]!.port}`, body: offer }, inviteUser(caller.log))
    const invite = await user.log.next<IncomingInvite>('invite')
    const endpoint = await media.answer(invite.request.body)
    const dialog = invite.accept({ body: endpoint.sdp }, recordDialog(user.log))
    const { response, dialog: peer } = await caller.log.next<{
      response: { body: string }
      dialog: EngineDialog
    }>('accepted')
    assert.match(response.body, /o=FreeSWITCH/)
    peer.ack()
    await user.log.next('ack')

    return { endpoint, peer, hangUp: () => dialog.bye() }
  }

  it('a call is answered with its session, hears a file, gives its digits, and is hung up', async () => {
    const { endpoint, hangUp } = await answered()
    freeSwitch.digits = '4711'
    await endpoint.play('ivr/welcome.wav')
    assert.equal(await endpoint.collect(digits), '4711')
    assert.equal(freeSwitch.channels, 1)
    await endpoint.hangUp()
    await hangUp()
    assert.equal(freeSwitch.channels, 0)
    assert.deepEqual(freeSwitch.executed, [
      'playback ivr/welcome.wav',
      'play_and_get_digits 1 4 1 5000 # ivr/enter.wav silence_stream://250 myDigitBuffer \\d+ 8000',
      'hangup',
    ])
  })

  it('a file that is not there is an error', async () => {
    const { endpoint, hangUp } = await answered()
    await assert.rejects(endpoint.play('missing.wav'), /File Not Found/)
    await endpoint.hangUp()
    await hangUp()
  })

  it('what is being played ends with the channel', async () => {
    const { endpoint, hangUp } = await answered()
    freeSwitch.answers = false
    const playing = endpoint.play('music.wav')
    freeSwitch.hangUp()
    await assert.rejects(playing, /gone/)
    await endpoint.hangUp()
    await hangUp()
  })

  it('a caller that hangs up leaves its endpoint to the code that answered the call', async () => {
    const { endpoint, peer } = await answered()
    peer.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
    assert.equal((await user.log.next<SipDialogEnd>('ended')).by, 'peer')
    await endpoint.hangUp()
    assert.equal(freeSwitch.channels, 0)
  })

  it('a wrong password, and a FreeSWITCH that is not there, are named at start', async () => {
    const { port } = freeSwitch
    const options = { host: '127.0.0.1', port, secret: 'wrong' }
    await assert.rejects(FreeSwitch.connect(options, stack.srf), /FREESWITCH_SECRET: .* refuses it/)
    await assert.rejects(
      FreeSwitch.connect({ ...options, port: 9 }, stack.srf),
      /FREESWITCH: .*127\.0\.0\.1:9 cannot be/,
    )
  })
})
