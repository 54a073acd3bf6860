import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { defined } from '../../../base/defined.ts'
import { networkOf } from '../../../engine/index.ts'
import { voiceTwiml, type VoiceAnswer, type VoiceRequest } from '../../twilio/index.ts'
import { WindowedCounts } from '../http-limits.ts'
import type { ApiParts } from '../parts.ts'
import { answers, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'

/** After so many wrong signatures of one source in the window, further ones are answered 429. */
const maxWrongSignatures = 10
const wrongSignaturesWindowMs = 60_000
const maxFormBytes = 16_384

const form = 'application/x-www-form-urlencoded'
const Form = Type.Object(
  {
    CallSid: Type.Optional(Type.String({ maxLength: 64, examples: [`CA${'0'.repeat(32)}`] })),
    From: Type.Optional(Type.String({ maxLength: 256, examples: ['+14155550123'] })),
    To: Type.Optional(Type.String({ maxLength: 256, examples: ['+14155550100'] })),
    DialCallStatus: Type.Optional(Type.String({ maxLength: 64 })),
    ReferTransferTarget: Type.Optional(Type.String({ maxLength: 8192, description: 'The Refer-To of a REFER' })),
  },
  {
    ...{ title: 'TwilioForm', description: 'The form of Twilio’s request; other fields are signed, and not looked at' },
    examples: [{ CallSid: `CA${'0'.repeat(32)}`, From: '+14155550123', To: '+14155550100' }],
  },
)
const paths: Record<VoiceAnswer, readonly [path: string, summary: string]> = {
  voice: ['/v1/twilio/voice', 'TwiML that dials Baton by SIP, with the CallSid: the voice webhook of a number'],
  ended: ['/v1/twilio/voice/ended', 'TwiML for the end of that Dial: the disaster number, where Baton was not reached'],
  refer: ['/v1/twilio/voice/refer', 'TwiML that moves the caller to the destination of Baton’s REFER'],
  disaster: [
    '/v1/twilio/disaster',
    'TwiML that dials the disaster number: the fallback of a number, or of a SIP trunk',
  ],
}

/** The voice webhook of Twilio's numbers: open to all, and answered where Twilio's signature is right. */
export function twilioVoicePaths(api: Api, parts: ApiParts): void {
  void api.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(form, { parseAs: 'string', bodyLimit: maxFormBytes }, (_request, body, parsed) => {
      parsed(null, Object.fromEntries(new URLSearchParams(body.toString())))
    })
    const check = signatureCheck(parts)
    for (const answer of ['voice', 'ended', 'refer', 'disaster'] as const) addPath(scope, answer, parts, check)
    done()
  })
}

function addPath(
  api: Api,
  answer: VoiceAnswer,
  { twilioVoice, publicUrl, observer }: ApiParts,
  check: (request: FastifyRequest, answer: VoiceAnswer) => Promise<void>,
): void {
  const [path, summary] = paths[answer]
  api.post(
    path,
    {
      config: { access: 'open', changesNothing: true, checksTexts: true },
      preValidation: (request) => check(request, answer),
      schema: {
        ...{ tags: ['trunks'], summary, consumes: [form] },
        description: 'Answered with `TWILIO_AUTH_TOKEN` set, and only with the X-Twilio-Signature that it makes.',
        body: Form,
        response: answers({ 200: Type.Unknown({ description: 'TwiML, as text/xml' }) }, 403, 422, 429, 501),
      },
    },
    async (request, reply) => {
      const twiml = twilioVoice && (await voiceTwiml(answer, request.body, twilioVoice, baseOf(request, publicUrl)))
      if (twiml === undefined) {
        observer?.twilioWebhook?.(answer, 'refused')
        throw new ApiRefusal('invalid', 'ReferTransferTarget names no SIP address and no telephone number.')
      }
      observer?.twilioWebhook?.(answer, 'answered')

      return reply.type('text/xml').serializer(String).send(twiml)
    },
  )
}

/** The URL at which Twilio reaches Baton, which it signs. */
function baseOf({ protocol, host }: FastifyRequest, publicUrl = `${protocol}://${host}`): string {
  return publicUrl.replace(/\/$/, '')
}

/** Throws 501 without the token, 403 for a wrong signature, and 429 after too many of one source. */
function signatureCheck({ twilioVoice, publicUrl, observer }: ApiParts) {
  const wrong = new WindowedCounts(wrongSignaturesWindowMs)

  return async (request: FastifyRequest, answer: VoiceAnswer): Promise<void> => {
    if (!twilioVoice) {
      throw new ApiRefusal('not_available', 'Set TWILIO_AUTH_TOKEN and TWILIO_SIP_URI, and start Baton again.')
    }
    const { validateRequest } = await import('twilio/lib/webhooks/webhooks.js')
    const signature = String(request.headers['x-twilio-signature'] ?? '')
    const url = `${baseOf(request, publicUrl)}${request.url}`
    const fields = defined((request.body ?? {}) as VoiceRequest)
    if (validateRequest(twilioVoice.authToken, signature, url, fields)) return
    const { count } = wrong.count(networkOf(request.ip))
    const isLimited = count > maxWrongSignatures
    observer?.twilioWebhook?.(answer, isLimited ? 'limited' : 'wrong_signature')
    if (isLimited) throw new ApiRefusal('too_many_requests', 'Too many wrong signatures came from this address.')
    throw new ApiRefusal(
      'forbidden',
      `X-Twilio-Signature is not that of TWILIO_AUTH_TOKEN for ${url}. PUBLIC_URL has to be the URL that Twilio calls.`,
    )
  }
}
