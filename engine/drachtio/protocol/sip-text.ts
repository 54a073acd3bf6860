import { BoundedMap } from '../../bounded-map.ts'
import { copyText } from '../../copy-text.ts'
import { headerName, type Message } from '../../message/index.ts'

/** Name, as it will be written, and value. */
export type HeaderText = readonly [name: string, value: string]

interface Parts {
  startLine: string
  headers: readonly HeaderText[]
  body: string
}

export interface RequestText extends Parts {
  kind: 'request'
  method: string
  uri: string
}

export interface ResponseText extends Parts {
  kind: 'response'
  status: number
  reason: string
}

// Ours to write, whatever an application says of them; its Content-Length counts UTF-16 units.
const dropped = new Set(['via', 'route', 'record-route', 'rseq', 'content-length'])

/**
 * The SIP message that an application wants sent. Its head ends at the first empty line, the rest is the body; header lines are
 * cut at any run of CR and LF. Lines that are no headers, and headers that are ours, are left out. Undefined when the
 * start line is none.
 */
export function parseSipText(text: string): RequestText | ResponseText | undefined {
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  const lines = head.split(/[\r\n]+/)
  const startLine = lines[0] ?? ''
  const parts = { startLine, headers: lines.slice(1).flatMap(parseHeader), body: end < 0 ? '' : text.slice(end + 4) }
  const [, status, reason] = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(startLine) ?? []
  if (status !== undefined) return { kind: 'response', status: Number(status), reason: reason ?? '', ...parts }
  const [, method, uri] = /^([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP\/2\.0$/i.exec(startLine) ?? []

  return method === undefined || uri === undefined ? undefined : { kind: 'request', method, uri, ...parts }
}

function parseHeader(line: string): HeaderText[] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0)).trimEnd()
  if (!/^[A-Za-z0-9\-.!%*_+`'~]+$/.test(name) || dropped.has(name.toLowerCase())) return []
  const written = outputName(name)
  // Compact names become known only now.
  if (dropped.has(written.toLowerCase())) return []

  return [[written, line.slice(colon + 1).trim()]]
}

/** The first value of a header; `name` in its canonical form. */
export function valueOf(headers: readonly HeaderText[], name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1]
}

/** The headers but those with these canonical names. */
export function without(headers: readonly HeaderText[], names: ReadonlySet<string>): HeaderText[] {
  return headers.filter(([name]) => !names.has(name))
}

// drachtio-server and drachtio-srf both read this variable: names that are not to be touched.
const preserved = new Set((process.env.DRACHTIO_PRESERVE_HEADER_NAMES ?? '').split(',').map((name) => name.trim()))

const maxKnown = 1000
const known = new BoundedMap<string>(maxKnown)

/**
 * How a header of an application's is written: registered ones in their canonical form; others with a capital after each
 * hyphen, unless they begin with `X-` or are to be preserved.
 */
export function outputName(name: string): string {
  const found = known.get(name)
  if (found !== undefined) return found
  const written = write(name)
  // Names come from messages of applications: a slice would hold its message.
  known.set(name, copyText(written))

  return written
}

function write(name: string): string {
  if (preserved.has(name)) return name
  const { name: canonical } = headerName(name)
  if (canonical !== name) return canonical
  if (/^x-/i.test(name) || isRegistered(name)) return name

  return name.replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
}

/** A registered name has the same canonical form in any case. */
function isRegistered(name: string): boolean {
  return headerName(name.toLowerCase()).name === name && name !== name.toLowerCase()
}

/** The headers that a body needs: SDP is known when it is seen. Undefined when the application must name the type. */
export function withContentType(headers: HeaderText[], body: string): HeaderText[] | undefined {
  if (body === '' || valueOf(headers, 'Content-Type') !== undefined) return headers

  return body.startsWith('v=0') ? [...headers, ['Content-Type', 'application/sdp']] : undefined
}

// drachtio-server rewrites these, and only these.
const rewritten = new Set(['From', 'To', 'Contact', 'P-Asserted-Identity'])

/** Puts our own `host:port` where an application wrote `@localhost` in the headers that say who we are. */
export function withLocalHost(headers: readonly HeaderText[], hostPort: string): HeaderText[] {
  return headers.map(([name, value]) => [
    name,
    rewritten.has(name) && value.includes('localhost') ? replaceLocalHost(value, hostPort) : value,
  ])
}

/** `localhost`, with or without a port, as the host of a URI. */
export function replaceLocalHost(value: string, hostPort: string): string {
  return value.replace(
    /(sips?:|@)localhost(?::\d+)?([>;?,\s]|$)/g,
    (_, before: string, after: string) => before + hostPort + after,
  )
}

/**
 * An address in brackets, so that its parameters and the URI's cannot be taken for each other (RFC 3261 20.10). A tag is
 * the header's.
 */
export function bracketed(value: string): string {
  if (value === '*' || value.includes('<')) return value
  const tag = value.search(/;\s*(tag|expires|q|\+sip\.instance|reg-id)=/i)

  return tag < 0 ? `<${value}>` : `<${value.slice(0, tag)}>${value.slice(tag)}`
}

// Compact forms, of which drachtio-srf knows but a few; folded lines; lines that do not end in CRLF.
const unusual = /\r\n[A-Za-z][ \t]*:|\r\n[ \t]|[^\r]\n/

// A line that is no header makes drachtio-srf throw the whole message away.
const readable = /^[^\s:]+\s*:/

/**
 * A message as its application gets it: the bytes that came, unless drachtio-srf would stumble over them. Without
 * Content-Length it has no body at all, and what it cannot read it throws away.
 */
export function deliveredText(message: Message): string {
  const text = message.toString()
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  const hasUnreadable = message.passedOver.some(({ line }) => !readable.test(line))
  if (message.has('Content-Length') && !hasUnreadable && !unusual.test(head)) return text
  const startLine = text.slice(0, text.search(/\r?\n/))
  let written = startLine
  for (const [name, value] of message.entries()) if (name !== 'Content-Length') written += `\r\n${name}: ${value}`

  return `${written}\r\nContent-Length: ${message.body.length}\r\n\r\n${message.body}`
}
