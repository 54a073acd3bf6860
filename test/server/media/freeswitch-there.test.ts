import assert from 'node:assert/strict'
import type { Dialog as EngineDialog } from '../../../engine/index.ts'
import { type RtpEndpoint, FreeSwitch } from '../../../server/media/freeswitch.ts'
import type { DrachtioStack, ConnectionMode } from '../../../server/sip/drachtio/index.ts'
import type { SipDialog, SipDialogEnd, IncomingInvite } from '../../../server/sip/stack.ts'
import { inviteUser, type Party, party, settle } from '../../engine/user-agent/two-agents.ts'
import { adapter, at, engine, given } from '../sip/drachtio/stacks.ts'
import { recordDialog, RecordingUser } from '../sip/recording-user.ts'
import { RtpParty } from './rtp-party.ts'

const { FREESWITCH, FREESWITCH_SECRET = 'ClueCon' } = process.env
const tone = (milliseconds: number) => `tone_stream://%(${milliseconds},0,440)`

/**
 * By hand, where there is a FreeSWITCH: FREESWITCH=host:port and FREESWITCH_SECRET name its event socket. It has a SIP
 * profile `drachtio_mrf` whose dialplan answers, and connects to `${sip_h_X-esl-outbound}` with `async full`.
 */
function onFreeSwitch(
  address: string,
  where: string,
  meet: () => Promise<[ConnectionMode, () => Promise<void>]>,
): void {
  describe(`Media on the FreeSWITCH at FREESWITCH, ${where}`, () => {
    let stack: DrachtioStack
    let user: RecordingUser
    let media: FreeSwitch
    let caller: Party
    let audio: RtpParty
    let leave: () => Promise<void>

    before(async () => {
      const [meeting, close] = await meet()
      leave = close
      stack = adapter(meeting)
      user = new RecordingUser()
      await stack.start(user)
      const [host = '', port] = address.split(':')
      media = await FreeSwitch.connect({ host, port: Number(port), secret: FREESWITCH_SECRET }, stack.srf)
      caller = await party()
      audio = await RtpParty.open()
    })
    after(async () => {
      media.close()
      await stack.close()
      await settle(caller)
      audio.close()
      await leave()
    })

    /** A call of the caller's that FreeSWITCH has answered. */
    async function answered(): Promise<{
      endpoint: RtpEndpoint
      dialog: SipDialog
      peer: EngineDialog
      answer: string
    }> {
      const uri = `sip:ivr@127.0.0.1:${stack.addresses[0]!.port}`
      caller.agent.invite({ uri, body: audio.sdp }, inviteUser(caller.log))
      const invite = await user.log.next<IncomingInvite>('invite')
      const endpoint = await media.answer(invite.request.body)
      const dialog = invite.accept({ body: endpoint.sdp }, recordDialog(user.log))
      const { response, dialog: peer } = await caller.log.next<{ response: { body: string }; dialog: EngineDialog }>(
        'accepted',
      )
      peer.ack()
      await user.log.next('ack')

      return { endpoint, dialog, peer, answer: response.body }
    }

    it('a call is answered, hears a tone, gives its digits, and is hung up', async () => {
      const { endpoint, dialog, answer } = await answered()
      await endpoint.play(tone(500))
      assert.ok(audio.heard > 10, `${audio.heard} packets of the tone`)
      const question = { prompt: tone(5000), minDigits: 1, maxDigits: 4, timeoutSeconds: 8 }
      const asked = endpoint.collect(question)
      await audio.press('4711', answer)
      assert.equal(await asked, '4711')
      const again = endpoint.collect({ ...question, maxDigits: 10 })
      await audio.press('08*15#', answer)
      assert.equal(await again, '08*15')
      assert.equal(await endpoint.collect({ ...question, prompt: 'silence_stream://50', timeoutSeconds: 1 }), '')
      await endpoint.hangUp()
      assert.equal((await dialog.bye()).status, 200)
    })

    it('a file that is not there is an error', async () => {
      const { endpoint, dialog } = await answered()
      await assert.rejects(endpoint.play('/nowhere/missing.wav'))
      await endpoint.hangUp()
      await dialog.bye()
    })

    it('a caller that hangs up while something is played ends it', async () => {
      const { endpoint, peer } = await answered()
      const played = endpoint.play(tone(60_000))
      peer.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
      assert.equal((await user.log.next<SipDialogEnd>('ended')).by, 'peer')
      await endpoint.hangUp()
      await assert.rejects(played, /gone/)
    })

    it('a session that it cannot take is refused', async () => {
      const offer = audio.sdp.replace('RTP/AVP 0 101', 'RTP/AVP 96').replace(/a=.*\r\n/g, '')
      await assert.rejects(media.answer(`${offer}a=rtpmap:96 unheard-of/8000\r\n`), /488|415|406/)
    })
  })
}

if (FREESWITCH) {
  onFreeSwitch(FREESWITCH, 'over a drachtio server of ours', async () => {
    const server = await engine()

    return [at(server), () => server.close()]
  })
  if (given) {
    const meeting = given
    onFreeSwitch(FREESWITCH, 'over the drachtio server at DRACHTIO_HOST', () =>
      Promise.resolve([meeting, () => Promise.resolve()]),
    )
  }
}
