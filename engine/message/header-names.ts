import { BoundedMap, copyText } from '../bounded-map.ts'

/** A header field's name: `name` is what we write, `key` is what we compare (RFC 3261 7.3.1: case does not matter). */
export interface HeaderName {
  readonly name: string
  readonly key: string
  /** The beginning of a line, `name: `. */
  readonly prefix: string
  /** A registered name has one object, so that names are compared by identity; other names may have several objects. */
  readonly isRegistered: boolean
}

/** Whether a line's header name is the wanted one. */
export function isName(name: HeaderName, wanted: HeaderName): boolean {
  return name === wanted || (!wanted.isRegistered && name.key === wanted.key)
}

// Canonical names with their compact forms (RFC 3261 7.3.3 and the IANA registry).
const registered: Readonly<Record<string, string>> = {
  Accept: '',
  'Accept-Contact': 'a',
  'Accept-Encoding': '',
  'Accept-Language': '',
  'Alert-Info': '',
  Allow: '',
  'Allow-Events': 'u',
  'Authentication-Info': '',
  Authorization: '',
  'Call-ID': 'i',
  'Call-Info': '',
  Contact: 'm',
  'Content-Disposition': '',
  'Content-Encoding': 'e',
  'Content-ID': '',
  'Content-Language': '',
  'Content-Length': 'l',
  'Content-Type': 'c',
  CSeq: '',
  Date: '',
  Diversion: '',
  'Error-Info': '',
  Event: 'o',
  Expires: '',
  'Flow-Timer': '',
  From: 'f',
  'Geolocation-Routing': '',
  Geolocation: '',
  'History-Info': '',
  Identity: 'y',
  'Info-Package': '',
  'In-Reply-To': '',
  Join: '',
  'Max-Forwards': '',
  'MIME-Version': '',
  'Min-Expires': '',
  'Min-SE': '',
  Organization: '',
  'P-Access-Network-Info': '',
  'P-Asserted-Identity': '',
  'P-Called-Party-ID': '',
  'P-Charging-Function-Addresses': '',
  'P-Charging-Vector': '',
  'P-Early-Media': '',
  'P-Preferred-Identity': '',
  Path: '',
  Priority: '',
  Privacy: '',
  'Proxy-Authenticate': '',
  'Proxy-Authorization': '',
  'Proxy-Require': '',
  RAck: '',
  Reason: '',
  'Record-Route': '',
  'Recv-Info': '',
  'Refer-Sub': '',
  'Refer-To': 'r',
  'Referred-By': 'b',
  'Reject-Contact': 'j',
  'Remote-Party-ID': '',
  Replaces: '',
  'Reply-To': '',
  'Request-Disposition': 'd',
  Require: '',
  'Retry-After': '',
  Route: '',
  RSeq: '',
  Server: '',
  'Service-Route': '',
  'Session-Expires': 'x',
  'Session-ID': '',
  'SIP-ETag': '',
  'SIP-If-Match': '',
  Subject: 's',
  'Subscription-State': '',
  Supported: 'k',
  'Target-Dialog': '',
  Timestamp: '',
  To: 't',
  Unsupported: '',
  'User-Agent': '',
  'User-to-User': '',
  Via: 'v',
  Warning: '',
  'WWW-Authenticate': '',
}

const known = new Map<string, HeaderName>()
for (const [name, compact] of Object.entries(registered)) {
  const entry: HeaderName = { name, key: name.toLowerCase(), prefix: `${name}: `, isRegistered: true }
  known.set(name, entry).set(entry.key, entry).set(name.toUpperCase(), entry)
  if (compact !== '') known.set(compact, entry).set(compact.toUpperCase(), entry)
}

// The canonical spellings by a hash of their bytes, so that a name is found without a slice of the message.
const slots = 1024
const byHash: (HeaderName | undefined)[] = new Array<undefined>(slots).fill(undefined)
for (const name of Object.keys(registered)) {
  let hash = 0
  for (let i = 0; i < name.length; i++) hash = nextHash(hash, name.charCodeAt(i))
  byHash[hash & (slots - 1)] ??= known.get(name)
}

/** The running hash of a name, for `headerNameAt`; begins with 0. */
export function nextHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0
}

/** `headerName(text.slice(start, end))`, where `hash` is the `nextHash` of those characters. */
export function headerNameAt(text: string, start: number, end: number, hash: number): HeaderName {
  const likely = byHash[hash & (slots - 1)]
  if (likely?.name.length === end - start && text.startsWith(likely.name, start)) return likely

  return headerName(text.slice(start, end))
}

// Spellings met on the wire that are not in the registry, mostly X- headers. Bounded, because unknown sources fill it.
const maxSpellings = 1024
const spellings = new BoundedMap<HeaderName>(maxSpellings)

/**
 * The canonical form of a header's name, from any case or its compact form. A name that is not in the registry keeps its
 * spelling and is compared without regard to case.
 */
export function headerName(text: string): HeaderName {
  return known.get(text) ?? spellings.get(text) ?? learn(text)
}

function learn(text: string): HeaderName {
  // A slice would keep the whole message in memory for as long as the spelling is known.
  const name = copyText(text)
  const key = copyText(name.toLowerCase())
  const found = known.get(key) ?? { name, key, prefix: `${name}: `, isRegistered: false }
  spellings.set(name, found)

  return found
}

/** The names that the engine itself reads and writes. */
export const headerNames = {
  allow: headerName('Allow'),
  callId: headerName('Call-ID'),
  contact: headerName('Contact'),
  contentLength: headerName('Content-Length'),
  contentType: headerName('Content-Type'),
  cseq: headerName('CSeq'),
  from: headerName('From'),
  join: headerName('Join'),
  maxForwards: headerName('Max-Forwards'),
  recordRoute: headerName('Record-Route'),
  replaces: headerName('Replaces'),
  require: headerName('Require'),
  route: headerName('Route'),
  rseq: headerName('RSeq'),
  server: headerName('Server'),
  sessionExpires: headerName('Session-Expires'),
  supported: headerName('Supported'),
  timestamp: headerName('Timestamp'),
  to: headerName('To'),
  userAgent: headerName('User-Agent'),
  via: headerName('Via'),
} as const
