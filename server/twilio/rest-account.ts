import { defined } from '../../base/defined.ts'
import { type AccountCall, type AccountState, type TrunkFields, type TwilioAccount, TwilioRefused } from './account.ts'

/** An account SID with an API key and its secret, or with the auth token. */
export interface TwilioCredentials {
  accountSid: string
  /** Left out: `secret` is the auth token. */
  apiKey?: string
  secret: string
}

const timeoutMs = 15_000

/**
 * The account by Twilio's REST API. The package is loaded here, since it is large and few Batons need it.
 * @param baseUrl of a stand-in that answers in the place of every host of Twilio
 */
export async function openRestAccount(
  credentials: TwilioCredentials,
  baseUrl: string | undefined,
): Promise<TwilioAccount> {
  const client = await openClient(credentials, baseUrl)

  return {
    read: () => saidBy(credentials.secret, () => readAccount(client)),
    apply: (call, password) => saidBy(credentials.secret, () => applyCall(client, call, password), password),
  }
}

type TwilioClient = Awaited<ReturnType<typeof openClient>>

async function openClient({ accountSid, apiKey, secret }: TwilioCredentials, baseUrl: string | undefined) {
  const { default: twilio } = await import('twilio')
  class HttpClient extends twilio.RequestClient {
    override request: InstanceType<typeof twilio.RequestClient>['request'] = (options) => {
      const { pathname, search } = new URL(options.uri)
      const uri = baseUrl === undefined ? options.uri : `${baseUrl}${pathname}${search}`

      return twilio.RequestClient.prototype.request.call(this, { ...options, uri }) as never
    }
  }

  return twilio(apiKey ?? accountSid, secret, { accountSid, httpClient: new HttpClient({ timeout: timeoutMs }) })
}

async function readAccount(client: TwilioClient): Promise<AccountState> {
  const [numbers, trunks, credentialLists, addressLists] = await Promise.all([
    client.incomingPhoneNumbers.list(),
    client.trunking.v1.trunks.list(),
    client.sip.credentialLists.list(),
    client.sip.ipAccessControlLists.list(),
  ])

  return {
    numbers: numbers.map((one) => ({
      ...{ sid: one.sid, number: one.phoneNumber, name: one.friendlyName },
      ...defined({
        trunkSid: one.trunkSid || undefined,
        voiceUrl: one.voiceUrl || undefined,
        voiceApplicationSid: one.voiceApplicationSid || undefined,
      }),
    })),
    trunks: await Promise.all(
      trunks.map(async (trunk) => {
        const [originations, credentials, addresses] = await Promise.all([
          trunk.originationUrls().list(),
          trunk.credentialsLists().list(),
          trunk.ipAccessControlLists().list(),
        ])

        return {
          ...{ sid: trunk.sid, name: trunk.friendlyName, secure: trunk.secure },
          ...{ transferMode: trunk.transferMode, transferCallerId: trunk.transferCallerId },
          ...defined({ disasterUrl: trunk.disasterRecoveryUrl || undefined, domain: trunk.domainName || undefined }),
          originations: originations.map(({ sid, sipUrl: uri, priority, enabled }) => ({
            sid,
            uri,
            priority,
            enabled,
          })),
          credentialListSids: credentials.map(({ sid }) => sid),
          addressListSids: addresses.map(({ sid }) => sid),
        }
      }),
    ),
    credentialLists: await Promise.all(
      credentialLists.map(async ({ sid, friendlyName: name }) => ({
        ...{ sid, name },
        users: (await client.sip.credentialLists(sid).credentials.list()).map(({ username }) => username),
      })),
    ),
    addressLists: await Promise.all(
      addressLists.map(async ({ sid, friendlyName: name }) => ({
        ...{ sid, name },
        addresses: (await client.sip.ipAccessControlLists(sid).ipAddresses.list()).map(({ ipAddress }) => ipAddress),
      })),
    ),
  }
}

/** @returns the SID of what was created */
async function applyCall(client: TwilioClient, call: AccountCall, password = ''): Promise<string | undefined> {
  const { trunks } = client.trunking.v1
  switch (call.kind) {
    case 'create_trunk':
      return (await trunks.create({ friendlyName: call.name, ...trunkOptions(call.fields) })).sid
    case 'update_trunk':
      await trunks(call.trunk).update(trunkOptions(call.fields))
      return
    case 'remove_trunk':
      await trunks(call.trunk).remove()
      return
    case 'add_origination': {
      const { uri: sipUrl, priority } = call
      const fields = { weight: 10, enabled: true, friendlyName: 'Baton' }
      await trunks(call.trunk).originationUrls.create({ sipUrl, priority, ...fields })
      return
    }
    case 'update_origination': {
      const { priority, enabled } = call
      await trunks(call.trunk).originationUrls(call.sid).update({ priority, enabled })
      return
    }
    case 'remove_origination':
      await trunks(call.trunk).originationUrls(call.sid).remove()
      return
    case 'use_number':
      await trunks(call.trunk).phoneNumbers.create({ phoneNumberSid: call.sid })
      return
    case 'free_number':
      await trunks(call.trunk).phoneNumbers(call.sid).remove()
      return
    case 'restore_number': {
      const { trunkSid, voiceApplicationSid, voiceUrl } = call
      await client.incomingPhoneNumbers(call.sid).update(defined({ trunkSid, voiceApplicationSid, voiceUrl }))
      return
    }
    case 'use_webhook':
      await client
        .incomingPhoneNumbers(call.sid)
        .update({ trunkSid: '', voiceApplicationSid: '', voiceUrl: call.url, voiceMethod: 'POST' })
      return
    default:
      return applyToLists(client, call, password)
  }
}

type ListCall = Extract<AccountCall, { kind: `${string}_${'credentials' | 'addresses' | 'user' | 'address'}` }>

/** Changes of credential lists and IP access control lists, and of the trunk's use of them. */
async function applyToLists(client: TwilioClient, call: ListCall, password: string): Promise<string | undefined> {
  const { trunks } = client.trunking.v1
  const { credentialLists, ipAccessControlLists } = client.sip
  switch (call.kind) {
    case 'create_credentials':
      return (await credentialLists.create({ friendlyName: call.name })).sid
    case 'add_user':
      await credentialLists(call.list).credentials.create({ username: call.username, password })
      return
    case 'use_credentials':
      await trunks(call.trunk).credentialsLists.create({ credentialListSid: call.list })
      return
    case 'unuse_credentials':
      await trunks(call.trunk).credentialsLists(call.list).remove()
      return
    case 'remove_credentials':
      await credentialLists(call.list).remove()
      return
    case 'create_addresses':
      return (await ipAccessControlLists.create({ friendlyName: call.name })).sid
    case 'add_address':
      await ipAccessControlLists(call.list).ipAddresses.create({ friendlyName: 'Baton', ipAddress: call.address })
      return
    case 'use_addresses':
      await trunks(call.trunk).ipAccessControlLists.create({ ipAccessControlListSid: call.list })
      return
    case 'unuse_addresses':
      await trunks(call.trunk).ipAccessControlLists(call.list).remove()
      return
    case 'remove_addresses':
      await ipAccessControlLists(call.list).remove()
      return
  }
}

function trunkOptions({ disasterUrl, domain, ...fields }: Partial<TrunkFields>) {
  return {
    ...fields,
    ...(disasterUrl !== undefined && { disasterRecoveryUrl: disasterUrl, disasterRecoveryMethod: 'POST' }),
    ...defined({ domainName: domain }),
  }
}

/** Twilio's refusals in the API's form. Neither the secret nor the password is in what is said, whatever Twilio repeats. */
async function saidBy<T>(secret: string, act: () => Promise<T>, password = ''): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const { status, code, message } = error as { status?: number; code?: number | string; message: string }
    const detail = [secret, password].reduce((text, one) => (one === '' ? text : text.replaceAll(one, '***')), message)
    if (status === undefined) throw new TwilioRefused('twilio_unreachable', `Twilio does not answer: ${detail}.`)
    if (status === 401) {
      throw new TwilioRefused('twilio_refused', 'Twilio does not accept the account SID with this key and secret.')
    }
    throw new TwilioRefused(
      'twilio_refused',
      `Twilio answers ${status}: ${detail} (error ${code ?? 'without a code'}).`,
    )
  }
}
