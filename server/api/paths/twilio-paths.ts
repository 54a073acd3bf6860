import { Type, type Static } from 'typebox'
import { defined } from '../../../base/defined.ts'
import { twilioTrunkYaml, type ConnectionRequest, type TwilioConnection } from '../../twilio/index.ts'
import type { ApiParts } from '../parts.ts'
import { answers, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'

const tags = ['trunks']
const Changes = Type.Array(Type.String(), {
  description: 'In words, in their order',
  examples: [['Send calls to +14155550100 to the trunk']],
})
const Number = Type.String({ pattern: '^\\+[0-9]{3,15}$', examples: ['+14155550100'] })
const AccountSid = Type.String({ pattern: '^AC[0-9a-fA-F]{32}$', description: 'Of the Twilio account' })
const wanted = {
  numbers: Type.Array(Number, { maxItems: 1000, description: 'Numbers of the account whose calls go to Baton' }),
  uris: Type.Array(Type.String({ pattern: '^sip:[^\\s<>"]+$', maxLength: 255 }), {
    ...{ minItems: 1, maxItems: 10, description: 'Where Twilio reaches Baton, the preferred one first' },
    examples: [['sip:sip.example.com:5061;transport=tls']],
  }),
  secure: Type.Boolean({ description: 'TLS and SRTP' }),
  trunkSid: Type.Optional(
    Type.String({
      pattern: '^TK[0-9a-fA-F]{32}$',
      description: 'A SIP trunk of the account to take over; left out: Baton makes one',
    }),
  ),
  disasterUrl: Type.Optional(
    Type.String({ pattern: '^https?://', maxLength: 2000, description: 'TwiML for callers while no Baton answers' }),
  ),
  webhook: Type.Optional(
    Type.Object(
      {
        url: Type.String({
          pattern: '^https?://[^\\s]+/v1/twilio/voice$',
          maxLength: 2000,
          description: 'That of Baton, as Twilio reaches it',
          examples: ['https://baton.example.com/v1/twilio/voice'],
        }),
        numbers: Type.Array(Number, { maxItems: 1000 }),
      },
      { additionalProperties: false, description: 'Numbers whose calls reach Baton by their voice webhook' },
    ),
  ),
}
const domain = Type.String({ pattern: '^[a-z0-9-]+\\.pstn\\.twilio\\.com$', description: 'For calls from Baton' })
const username = Type.String({ minLength: 1, maxLength: 32 })
const addresses = Type.Array(Type.String({ format: 'ipv4' }), { maxItems: 100, description: 'That Baton calls from' })

const ConnectionBody = Type.Object(
  {
    accountSid: Type.Optional(AccountSid),
    apiKey: Type.Optional(
      Type.String({ pattern: '^SK', maxLength: 100, description: 'Without it, secret is the auth token' }),
    ),
    secret: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Kept encrypted; never answered' })),
    ...wanted,
    domain: Type.Optional(domain),
    username: Type.Optional(username),
    password: Type.Optional(
      Type.String({ minLength: 12, maxLength: 128, description: 'Given to Twilio, and not kept' }),
    ),
    addresses: Type.Optional(addresses),
  },
  {
    additionalProperties: false,
    description: 'Account and secret may be left out once they are kept',
    examples: [
      {
        accountSid: `AC${'0'.repeat(32)}`,
        secret: 'the auth token',
        ...{ numbers: ['+14155550100'], uris: ['sip:sip.example.com:5061;transport=tls'], secure: true },
      },
    ],
  },
)

const StatusView = Type.Object(
  {
    connected: Type.Boolean(),
    accountSid: Type.Optional(Type.String()),
    apiKey: Type.Optional(Type.String()),
    name: Type.Optional(Type.String({ description: 'Of all that Baton has made in the account' })),
    wanted: Type.Optional(
      Type.Object({
        ...wanted,
        termination: Type.Optional(Type.Object({ domain, username: Type.Optional(username), addresses })),
      }),
    ),
    trunk: Type.String({ description: 'The trunk for the configuration of Baton, in YAML' }),
  },
  { title: 'TwilioConnection' },
)

const DriftView = Type.Object({
  findings: Type.Array(
    Type.Object({
      state: Type.Enum(['failed', 'warning'], { description: 'failed: calls or transfers fail; warning: they may' }),
      detail: Type.String({ examples: ['+14155550100 is released: the account no longer has it'] }),
      hint: Type.String({ description: 'What to do' }),
    }),
    { description: 'What has changed in the account since it was connected' },
  ),
  changes: Changes,
  missing: Type.Array(Type.String(), { description: 'Numbers that the account no longer has' }),
  disconnect: Changes,
})

const NumberView = Type.Object({
  number: Type.String(),
  name: Type.String(),
  use: Type.Optional(
    Type.String({
      description: 'Where Twilio sends its calls now; left out when nowhere',
      examples: ['the webhook https://example.com'],
    }),
  ),
})

/** The connection to a Twilio account: for admins, without secrets in any answer. */
export function twilioPaths(api: Api, { twilio }: ApiParts): void {
  const opened = (): TwilioConnection => {
    if (twilio) return twilio
    throw new ApiRefusal(
      'not_available',
      'Set SECRETS_KEY, which credentials are encrypted with, and start Baton again: openssl rand -base64 32 prints a key.',
    )
  }

  api.get(
    '/v1/twilio',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'The Twilio account that is connected',
        response: answers({ 200: StatusView }, 401, 501),
      },
    },
    () => ({ ...opened().status(), trunk: twilioTrunkYaml }),
  )

  api.get(
    '/v1/twilio/plan',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary:
          'What has drifted in the Twilio account, how connecting again would correct it, and what disconnecting would change there',
        response: answers({ 200: DriftView }, ...[401, 409, 422, 501, 502]),
      },
    },
    async () => {
      const { findings, changes, missing } = await opened().drift()

      return {
        ...{ findings: [...findings], changes: wordsOf(changes), missing: [...missing] },
        disconnect: wordsOf(await opened().disconnection()),
      }
    },
  )

  api.post(
    '/v1/twilio/plan',
    {
      config: { access: 'admin', changesNothing: true },
      schema: {
        tags,
        summary: 'What connecting would change in the Twilio account',
        description: 'Nothing is changed, and nothing is kept.',
        body: ConnectionBody,
        response: answers(
          {
            200: Type.Object({
              numbers: Type.Array(NumberView),
              trunks: Type.Array(Type.Object({ sid: Type.String(), name: Type.String() }), {
                description: 'SIP trunks of the account, of which one may be taken over',
              }),
              others: Type.Array(Type.String(), {
                description:
                  'Numbers that are not chosen, and whose calls go to Baton, too: they are on the trunk that is taken over',
              }),
              changes: Changes,
            }),
          },
          ...[401, 409, 422, 501, 502],
        ),
      },
    },
    async ({ body }) => {
      const { numbers, trunks, changes, others } = await opened().plan(requestOf(body))

      return {
        numbers: numbers.map(({ number, name, use }) => ({ number, name, ...defined({ use }) })),
        trunks: trunks.map(({ sid, name }) => ({ sid, name })),
        changes: wordsOf(changes),
        others: [...others],
      }
    },
  )

  api.post(
    '/v1/twilio/connect',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Connect a Twilio account: make or correct its SIP trunk for Baton',
        description: 'Again with the same body it changes nothing; after a failure it goes on where it stopped.',
        body: ConnectionBody,
        response: answers({ 200: Type.Object({ changes: Changes }) }, 401, 409, 422, 501, 502),
      },
    },
    async ({ body, audit }) => {
      const before = opened().status()
      const changes = wordsOf(await opened().connect(requestOf(body)))
      Object.assign(audit, { before, after: { ...opened().status(), changes } })

      return { changes }
    },
  )

  api.delete(
    '/v1/twilio',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Disconnect the Twilio account: take away what Baton has made there, and nothing else',
        response: answers({ 200: Type.Object({ changes: Changes }) }, 401, 409, 422, 501, 502),
      },
    },
    async ({ audit }) => {
      const before = opened().status()
      const changes = wordsOf(await opened().disconnect())
      Object.assign(audit, { before, after: { ...opened().status(), changes } })

      return { changes }
    },
  )
}

function wordsOf(changes: readonly { words: string }[]): string[] {
  return changes.map(({ words }) => words)
}

function requestOf(body: Static<typeof ConnectionBody>): ConnectionRequest {
  const { accountSid, apiKey, secret, numbers, uris, secure, trunkSid, disasterUrl, webhook, password } = body
  if ((accountSid === undefined) !== (secret === undefined)) {
    throw new ApiRefusal('invalid', 'Give accountSid and secret together, or neither of them.')
  }
  if (body.domain === undefined && (body.username !== undefined || body.addresses !== undefined)) {
    throw new ApiRefusal('invalid', 'Give the domain that Baton calls, beside username or addresses.')
  }
  const termination =
    body.domain === undefined
      ? undefined
      : { domain: body.domain, addresses: body.addresses ?? [], ...defined({ username: body.username }) }

  return {
    ...(accountSid !== undefined &&
      secret !== undefined && { credentials: { accountSid, secret, ...defined({ apiKey }) } }),
    wanted: { numbers, uris, secure, ...defined({ trunkSid, disasterUrl, webhook, termination }) },
    ...defined({ password }),
  }
}
