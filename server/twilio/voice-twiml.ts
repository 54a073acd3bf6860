import type { TwilioVoice } from '../../config/index.ts'
import { parseUri } from '../../engine/index.ts'
import { defined } from '../../base/defined.ts'

/** The fields of Twilio's requests that the answers depend on. */
export interface VoiceRequest {
  readonly CallSid?: string
  readonly From?: string
  readonly To?: string
  /** Of the end of a Dial: `completed`, `answered`, `busy`, `no-answer`, `failed` or `canceled`. */
  readonly DialCallStatus?: string
  /** Of a REFER from Baton: its Refer-To. */
  readonly ReferTransferTarget?: string
}

/** What a path of the webhook answers. */
export type VoiceAnswer = 'voice' | 'ended' | 'refer' | 'disaster'

const webhookPath = '/v1/twilio/voice'
const phoneNumber = /^\+[0-9]{3,15}$/

/**
 * TwiML for a request of Twilio; undefined for a Refer-To that names no destination.
 * @param base the URL at which Twilio reaches Baton
 */
export async function voiceTwiml(
  answer: VoiceAnswer,
  request: VoiceRequest,
  { sipUri, disasterNumber }: TwilioVoice,
  base: string,
): Promise<string | undefined> {
  // The package is loaded here, since few Batons need it.
  const { default: VoiceResponse } = await import('twilio/lib/twiml/VoiceResponse.js')
  const response = new VoiceResponse()
  if (answer === 'voice') {
    const { From = '' } = request
    const dial = response.dial({
      ...{ action: `${base}${webhookPath}/ended`, referUrl: `${base}${webhookPath}/refer`, answerOnBridge: true },
      // Without it, Twilio passes on what the caller has sent, such as "anonymous".
      ...defined({ callerId: phoneNumber.test(From) ? From : undefined }),
    })
    dial.sip(batonUri(sipUri, request))
  } else if (answer === 'refer') {
    const target = referTarget(request.ReferTransferTarget ?? '')
    if (!target) return undefined
    const dial = response.dial()
    if (target.number === undefined) dial.sip(target.uri)
    else dial.number(target.number)
  } else if (answer === 'ended' && isOver(request)) {
    response.hangup()
  } else if (disasterNumber === undefined) {
    response.say('This service cannot be reached now. Please call again later.')
  } else {
    response.dial().number(disasterNumber)
  }

  return response.toString()
}

/** Whether Baton has had the call: a caller whose call failed before goes to the disaster number. */
function isOver({ DialCallStatus = '' }: VoiceRequest): boolean {
  return ['completed', 'answered', 'canceled'].includes(DialCallStatus)
}

/** The dialled number at Baton's address. Twilio sends the parameters that begin with X- as headers of its INVITE. */
function batonUri(sipUri: string, { CallSid = '', To = '' }: VoiceRequest): string {
  const uri = sipUri.replace(/^(sips?:)/, `$1${encodeURIComponent(To).replace(/^%2B/, '+')}@`)

  return `${uri}?X-CallSid=${encodeURIComponent(CallSid)}`
}

/** A Refer-To to a telephone number is dialled as one: a SIP URI of the trunk's domain leads nowhere without its credentials. */
function referTarget(referTo: string): { uri: string; number?: string } | undefined {
  const text = /<([^<>]*)>/.exec(referTo)?.[1] ?? referTo.trim()
  const uri = parseUri(text)
  if (!uri) return undefined
  if (uri.scheme === 'tel') {
    const number = text.slice(4).split(/[;?]/, 1)[0] ?? ''

    return phoneNumber.test(number) ? { uri: text, number } : undefined
  }
  if (!('host' in uri)) return undefined
  const isPhone = uri.params.get('user') === 'phone' || uri.host.endsWith('.pstn.twilio.com')
  const number = isPhone && phoneNumber.test(uri.user ?? '') ? uri.user : undefined

  return { uri: text, ...defined({ number }) }
}
