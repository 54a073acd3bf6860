import assert from 'node:assert/strict'
import twilio from 'twilio'
import { increase } from '../harness/metrics.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552316'
const desk = '+14155550111'
const authToken = 'the-auth-t0ken'
const publicUrl = 'https://baton.example.com'
const fields = { CallSid: `CA${'1'.repeat(32)}`, From: '+14155550123', To: number }

for (const stack of stacks) {
  describe(`a call of Twilio's voice webhook, on ${stack.name}`, () => {
    const trunk = { name: 'twilio', peers: ['127.0.0.0/8'], refer_to: 'sip_phone', refer_memory: 0 }
    const gateways = ['sip:acme.pstn.twilio.com']
    const baton = sharedBaton({
      ...{ stack, file: { trunks: [{ ...trunk, gateways }] } },
      env: { TWILIO_AUTH_TOKEN: authToken, TWILIO_SIP_URI: 'sip:127.0.0.1', PUBLIC_URL: publicUrl },
    })
    /** Asks Baton's webhook as Twilio does, and returns the TwiML. */
    const ask = async (url: string, more: Record<string, string> = {}): Promise<string> => {
      const form = { ...fields, ...more }
      const headers = { 'x-twilio-signature': twilio.getExpectedTwilioSignature(authToken, url, form) }
      const body = new URLSearchParams(form)
      const answer = await fetch(url.replace(publicUrl, baton().http), { method: 'POST', headers, body })
      assert.equal(answer.status, 200)

      return (await answer.text()).replaceAll('&amp;', '&')
    }

    it('reaches the agent with its CallSid, and goes to the person by the REFER that Baton sends', async () => {
      const [caller, agent] = [await RawPhone.open(baton().sip()), await RawPhone.open(baton().sip())]
      await baton().project({
        project: 'twilio',
        environments: { live: { numbers: [number], agents: [agent.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, route: desk, profile: 'twilio', notify_timeout: 1 }] },
      })
      const before = await baton().metrics()

      const dial = await ask(`${publicUrl}/v1/twilio/voice`)
      const [, dialled = '', callSid = ''] = /<Sip>sip:(.*?)@127\.0\.0\.1\?X-CallSid=(.*?)<\/Sip>/.exec(dial) ?? []
      assert.equal(dialled, number)
      caller.call(dialled, [`X-CallSid: ${callSid}`])
      const invite = await agent.invited()
      assert.equal(invite.header('X-CallSid'), fields.CallSid)
      await agent.answer(invite)
      await caller.answered()
      const { callId = '' } = await baton().events.of('call.answered', caller.callId)

      void agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
      const refer = await caller.next(/^REFER /)
      caller.respond(refer, '202 Accepted')
      const referUrl = /referUrl="(.*?)"/.exec(dial)?.[1] ?? ''
      const moved = await ask(referUrl, { ReferTransferTarget: refer.header('Refer-To') })
      assert.match(moved, new RegExp(`<Dial><Number>\\${desk}</Number></Dial>`))
      caller.notify('SIP/2.0 200 OK')
      await caller.next(/^SIP\/2\.0 200 /)
      await caller.ask('BYE')
      await agent.released()
      await baton().events.of('call.ended', callId)
      const { transfers, reason } = await baton().call(callId)
      assert.deepEqual([transfers[0]?.result, reason], ['succeeded', 'transferred'])

      const counted = [...increase(before, await baton().metrics())].filter(([name]) =>
        name.includes('twilio_webhooks'),
      )
      assert.deepEqual(counted, [
        ['baton_twilio_webhooks_total{request="voice",result="answered"}', 1],
        ['baton_twilio_webhooks_total{request="refer",result="answered"}', 1],
      ])
      caller.close()
      agent.close()
    })
  })
}
