import assert from 'node:assert/strict'
import twilio from 'twilio'
import { startApi } from '../api/baton.ts'

const voice = { authToken: 'the-auth-t0ken', sipUri: 'sip:sip.example.com:5061;transport=tls' }
const publicUrl = 'https://baton.example.com'
const call = { CallSid: `CA${'0'.repeat(32)}`, From: '+14155550123', To: '+14155550100', CallStatus: 'ringing' }

describe('the voice webhook of Twilio', () => {
  const counted: string[] = []
  const nothing = () => undefined
  const observer = {
    ...{ answered: nothing, cutOff: nothing, signIn: nothing },
    twilioWebhook: (request: string, result: string) => counted.push(`${request} ${result}`),
  }
  const open = (twilioVoice = { ...voice, disasterNumber: '+14155550111' }) =>
    startApi({ twilioVoice, publicUrl, observer, adminToken: 'secret' })
  const request = (path: string, fields: Record<string, string>, at = publicUrl) => ({
    ...{ method: 'POST' as const, url: `/v1/twilio/${path}`, payload: new URLSearchParams(fields).toString() },
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': twilio.getExpectedTwilioSignature(voice.authToken, `${at}/v1/twilio/${path}`, fields),
    },
  })
  beforeEach(() => {
    counted.length = 0
  })

  it('dials Baton with the CallSid and the caller, and ends, moves and rescues the call', async () => {
    const baton = await open()
    const ask = async (path: string, fields: Record<string, string>) => {
      const { statusCode, headers, body } = await baton.api.inject(request(path, fields))
      assert.deepEqual([statusCode, headers['content-type']], [200, 'text/xml'], body)

      return /<Response>(.*)<\/Response>/s.exec(body)?.[1]
    }
    const refer = (ReferTransferTarget: string) => ask('voice/refer', { ...call, ReferTransferTarget })
    const told = {
      dialled: await ask('voice', call),
      withoutNumber: await ask('voice', { ...call, From: 'anonymous' }),
      over: await ask('voice/ended', { ...call, DialCallStatus: 'completed' }),
      unreached: await ask('voice/ended', { ...call, DialCallStatus: 'failed' }),
      disaster: await ask('disaster', call),
      number: await refer('<sip:+14155550111@acme.pstn.twilio.com;user=phone?X-Account=1001>'),
      tel: await refer('tel:+14155550112'),
      sip: await refer('<sip:desk@pbx.example.com?X-Account=1001&X-Env=live>'),
    }
    const nowhere = await baton.api.inject(request('voice/refer', { ...call, ReferTransferTarget: 'desk' }))
    await baton.close()

    const paths = `action="${publicUrl}/v1/twilio/voice/ended" referUrl="${publicUrl}/v1/twilio/voice/refer" answerOnBridge="true"`
    const sip = `<Sip>sip:+14155550100@sip.example.com:5061;transport=tls?X-CallSid=${call.CallSid}</Sip>`
    const disaster = '<Dial><Number>+14155550111</Number></Dial>'
    assert.deepEqual(told, {
      dialled: `<Dial ${paths} callerId="+14155550123">${sip}</Dial>`,
      withoutNumber: `<Dial ${paths}>${sip}</Dial>`,
      over: '<Hangup/>',
      ...{ unreached: disaster, disaster },
      number: '<Dial><Number>+14155550111</Number></Dial>',
      tel: '<Dial><Number>+14155550112</Number></Dial>',
      sip: '<Dial><Sip>sip:desk@pbx.example.com?X-Account=1001&amp;X-Env=live</Sip></Dial>',
    })
    assert.equal(nowhere.statusCode, 422)
    assert.equal(counted.at(-1), 'refer refused')
  })

  it('asks callers to call again where there is no disaster number', async () => {
    const baton = await open(voice as never)
    const { body } = await baton.api.inject(request('disaster', call))
    await baton.close()

    assert.match(body, /<Say>This service cannot be reached now/)
  })

  it('refuses wrong signatures, counts them, and stops reading them after ten from one source', async () => {
    const baton = await open()
    const right = request('voice', call)
    const changed = { ...right, payload: right.payload.replace('0123', '0124') }
    const unsigned = { ...right, headers: { 'content-type': right.headers['content-type'] } }
    const wrong = [changed, unsigned, request('voice', call, 'https://other.example.com')]
    for (const one of wrong) assert.equal((await baton.api.inject(one)).statusCode, 403)
    for (let i = 0; i < 7; i++) await baton.api.inject(changed)
    const limited = await baton.api.inject(changed)
    const answered = await baton.api.inject(right)
    const large = await baton.api.inject(request('voice', { ...call, Filler: 'x'.repeat(20_000) }))
    const json = await baton.api.inject({ ...right, headers: { 'content-type': 'application/json' }, payload: '{}' })
    await baton.close()

    assert.deepEqual([limited.statusCode, answered.statusCode, large.statusCode, json.statusCode], [429, 200, 413, 415])
    assert.deepEqual(counted, [...Array<string>(10).fill('voice wrong_signature'), 'voice limited', 'voice answered'])
    assert.ok(!JSON.stringify(baton.logged).includes(voice.authToken))
  })

  it('checks the address that a trusted proxy names, without PUBLIC_URL', async () => {
    const baton = await startApi({ twilioVoice: voice, proxies: ['127.0.0.1'], adminToken: 'secret' })
    const signed = request('voice', call, 'https://phone.example.com')
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'phone.example.com' }
    const through = await baton.api.inject({ ...signed, headers: { ...signed.headers, ...forwarded } })
    const direct = await baton.api.inject(signed)
    await baton.close()

    assert.deepEqual([through.statusCode, direct.statusCode], [200, 403], through.body)
    assert.match(through.body, /action="https:\/\/phone\.example\.com\/v1/)
  })

  it('is not there without TWILIO_AUTH_TOKEN', async () => {
    const baton = await startApi()
    const { statusCode, body } = await baton.api.inject(request('voice', call))
    await baton.close()

    assert.equal(statusCode, 501)
    assert.match(body, /Set TWILIO_AUTH_TOKEN/)
  })
})
