import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

type Resource = Record<string, string | number | boolean | null>

/**
 * Stands in for Twilio's REST API: the endpoints of the connection alone, with the fields of twilio-oai's
 * twilio_trunking_v1 and twilio_api_v2010 that Baton reads. It decides nothing that Twilio would about money or carriers.
 */
export class TwilioStandIn {
  readonly accountSid = `AC${'0'.repeat(32)}`
  readonly secret = 'the-s3cret-of-the-key'
  /** Collections by path, such as `/v1/Trunks`; their elements by SID. */
  readonly collections = new Map<string, Map<string, Resource>>()
  /** Each write: method, path and the fields of its form. */
  readonly writes: { request: string; fields: Record<string, string> }[] = []
  /** Answers this many writes more, then 500 to each. */
  writesLeft = Infinity
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    })
  })
  #count = 0

  static async start(): Promise<TwilioStandIn> {
    const standIn = new TwilioStandIn()
    standIn.#server.listen(0, '127.0.0.1')
    await once(standIn.#server, 'listening')

    return standIn
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The environment of a Baton whose requests to Twilio come here. */
  get env(): { TWILIO_STAND_IN: string; NODE_OPTIONS: string } {
    const preloaded = `--import=${new URL('twilio-hosts.mjs', import.meta.url).href}`

    return { TWILIO_STAND_IN: this.url, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${preloaded}`.trim() }
  }

  addNumber(number: string, fields: Resource = {}): string {
    const sid = this.#sid('PN')
    const none = { trunk_sid: null, voice_application_sid: null, voice_url: '' }
    this.#collection(this.numbersPath).set(sid, {
      sid,
      phone_number: number,
      friendly_name: number,
      ...none,
      ...fields,
    })

    return sid
  }

  addTrunk(name: string, fields: Record<string, string> = {}): string {
    return String(this.#create('/v1/Trunks', { FriendlyName: name, ...fields }).sid)
  }

  addOrigination(trunk: string, uri: string, priority: number): string {
    const fields = { SipUrl: uri, Priority: String(priority), Enabled: 'true', Weight: '10' }

    return String(this.#create(`/v1/Trunks/${trunk}/OriginationUrls`, fields).sid)
  }

  /** All that the account has, by path. */
  snapshot(): unknown {
    return structuredClone(
      [...this.collections].filter(([, { size }]) => size > 0).map(([path, all]) => [path, [...all]]),
    )
  }

  get numbersPath(): string {
    return `/2010-04-01/Accounts/${this.accountSid}/IncomingPhoneNumbers`
  }

  list(path: string): Resource[] {
    return [...this.#collection(path).values()]
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown?]> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    const { method = '', headers } = request
    const path = new URL(request.url ?? '', this.url).pathname.replace(/\.json$/, '')
    const [, password] = Buffer.from((headers.authorization ?? '').slice(6), 'base64')
      .toString()
      .split(':')
    if (password !== this.secret) return [401, { code: 20003, message: `Authenticate ${password}`, status: 401 }]
    if (method === 'GET') return [200, this.#page(path)]
    const unknown = fieldProblem(method, path, fields)
    if (unknown !== undefined) return [400, { code: 20001, message: unknown, status: 400 }]
    if (this.writesLeft-- <= 0) return [500, { code: 20500, message: 'Internal error', status: 500 }]
    this.writes.push({ request: `${method} ${path}`, fields })
    const [parent, sid] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)]
    const one = this.#collection(parent).get(sid)
    if (method === 'DELETE') {
      if (!one) return [404, { code: 20404, message: 'not found', status: 404 }]
      this.#collection(parent).delete(sid)
      for (const below of this.collections.keys()) if (below.startsWith(`${path}/`)) this.collections.delete(below)
      if (parent.endsWith('/PhoneNumbers')) this.#numbers(sid, { trunk_sid: null })

      return [204]
    }
    if (one) return [200, Object.assign(one, snake(fields))]

    return [201, this.#create(path, fields)]
  }

  #create(path: string, fields: Record<string, string>): Resource {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const trunk = /\/Trunks\/(TK\w+)\//.exec(path)?.[1]
    const linked = fields.CredentialListSid ?? fields.IpAccessControlListSid ?? fields.PhoneNumberSid
    const sid = linked ?? this.#sid(prefixes[name] ?? 'XX')
    const made: Resource = { sid, ...snake(fields) }
    if (name === 'Trunks') this.#withDefaults(made)
    this.#collection(path).set(sid, made)
    if (name === 'PhoneNumbers' && trunk) this.#numbers(sid, { trunk_sid: trunk, voice_application_sid: null })

    return made
  }

  #withDefaults(trunk: Resource): void {
    const defaults = { secure: false, transfer_mode: 'disable-all', transfer_caller_id: 'from-transferee' }
    const { friendly_name, ...given } = trunk
    Object.assign(trunk, { friendly_name: friendly_name ?? '', domain_name: null, ...defaults, ...given })
  }

  #numbers(sid: string, fields: Resource): void {
    Object.assign(this.#collection(this.numbersPath).get(sid) ?? {}, fields)
  }

  #page(path: string): object {
    const found = this.list(path)
    if (!path.startsWith('/v1/')) {
      return { [pageKeys[path.slice(path.lastIndexOf('/') + 1)] ?? 'x']: found, next_page_uri: null }
    }
    const key = snakeName(path.slice(path.lastIndexOf('/') + 1))

    return { [key]: found, meta: { key, page: 0, page_size: 50, next_page_url: null } }
  }

  #collection(path: string): Map<string, Resource> {
    const present = this.collections.get(path) ?? new Map<string, Resource>()
    this.collections.set(path, present)

    return present
  }

  #sid(prefix: string): string {
    return `${prefix}${(++this.#count).toString(16).padStart(32, '0')}`
  }
}

const trunk = 'FriendlyName DomainName DisasterRecoveryUrl DisasterRecoveryMethod TransferMode Secure TransferCallerId'
const origination = 'Weight Priority Enabled FriendlyName SipUrl'
const trunks = '/v1/Trunks'
const sip = '/2010-04-01/Accounts/[^/]+/SIP'
/** The forms of twilio-oai's descriptions: the path of a POST, its fields, and those that it must have. */
const forms: [path: string, fields: string, required: string][] = [
  [trunks, trunk, ''],
  [`${trunks}/TK[^/]+`, trunk, ''],
  [`${trunks}/TK[^/]+/OriginationUrls`, origination, origination],
  [`${trunks}/TK[^/]+/OriginationUrls/OU[^/]+`, origination, ''],
  [`${trunks}/TK[^/]+/PhoneNumbers`, 'PhoneNumberSid', 'PhoneNumberSid'],
  [`${trunks}/TK[^/]+/CredentialLists`, 'CredentialListSid', 'CredentialListSid'],
  [`${trunks}/TK[^/]+/IpAccessControlLists`, 'IpAccessControlListSid', 'IpAccessControlListSid'],
  ['/2010-04-01/Accounts/[^/]+/IncomingPhoneNumbers/PN[^/]+', 'TrunkSid VoiceApplicationSid VoiceUrl VoiceMethod', ''],
  [`${sip}/CredentialLists`, 'FriendlyName', 'FriendlyName'],
  [`${sip}/CredentialLists/CL[^/]+/Credentials`, 'Username Password', 'Username Password'],
  [`${sip}/IpAccessControlLists`, 'FriendlyName', 'FriendlyName'],
  [`${sip}/IpAccessControlLists/AL[^/]+/IpAddresses`, 'FriendlyName IpAddress', 'FriendlyName IpAddress'],
]
const values: Record<string, readonly string[]> = {
  TransferMode: ['disable-all', 'enable-all', 'sip-only'],
  TransferCallerId: ['from-transferee', 'from-transferor'],
  DisasterRecoveryMethod: ['GET', 'POST'],
  ...{ Secure: ['true', 'false'], Enabled: ['true', 'false'] },
}

/** Why a form is none that the descriptions have; undefined for one that they have. */
function fieldProblem(method: string, path: string, given: Record<string, string>): string | undefined {
  if (method !== 'POST') return undefined
  const [, fields = '', required = ''] = forms.find(([pattern]) => new RegExp(`^${pattern}$`).test(path)) ?? []
  if (fields === '') return `no POST to ${path}`
  const names = Object.keys(given)
  const wrong = names.filter(
    (name) => !fields.split(' ').includes(name) || values[name]?.includes(given[name] ?? '') === false,
  )
  const missing = required.split(' ').filter((name) => name !== '' && !names.includes(name))

  return wrong.length + missing.length === 0 ? undefined : `wrong: ${wrong.join()}; missing: ${missing.join()}`
}

const prefixes: Record<string, string> = {
  ...{ Trunks: 'TK', OriginationUrls: 'OU', CredentialLists: 'CL', Credentials: 'CR' },
  ...{ IpAccessControlLists: 'AL', IpAddresses: 'IP' },
}

const pageKeys: Record<string, string> = {
  ...{ IncomingPhoneNumbers: 'incoming_phone_numbers', CredentialLists: 'credential_lists' },
  ...{ Credentials: 'credentials', IpAccessControlLists: 'ip_access_control_lists', IpAddresses: 'ip_addresses' },
}

function snakeName(name: string): string {
  return name.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase()
}

/** A form's fields as a resource has them: booleans and numbers by their type, never a password. */
function snake(fields: Record<string, string>): Resource {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name !== 'Password')
      .map(([name, text]) => [snakeName(name), valueOf(name, text)]),
  )
}

function valueOf(name: string, text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'

  return name === 'Priority' || name === 'Weight' ? Number(text) : text
}
