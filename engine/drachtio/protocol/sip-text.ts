import { BoundedMap, copyText } from '../../bounded-map.ts'
import { headerName, type Message } from '../../message/index.ts'

/** A header's name, in the form that is sent, and its value. */
export type HeaderText = readonly [name: string, value: string]

interface SipText {
  startLine: string
  headers: readonly HeaderText[]
  body: string
}

export interface RequestText extends SipText {
  kind: 'request'
  method: string
  uri: string
}

export interface ResponseText extends SipText {
  kind: 'response'
  status: number
  reason: string
}

// The engine writes these itself; an application's Content-Length counts UTF-16 units.
const dropped = new Set(['via', 'route', 'record-route', 'rseq', 'content-length'])

/**
 * Reads the SIP message that an application sends. The head ends at the first empty line, the rest is the body. Header lines
 * end at any run of CR and LF. Malformed header lines and headers that the engine writes itself are left out. Undefined when
 * the start line is malformed.
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
  // A compact name (`v`, `l`) stands for a dropped header, too.
  if (dropped.has(written.toLowerCase())) return []

  return [[written, line.slice(colon + 1).trim()]]
}

/** The first value of a header; `name` in its canonical form. */
export function valueOf(headers: readonly HeaderText[], name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1]
}

/** The headers whose canonical names are not among `names`. */
export function without(headers: readonly HeaderText[], names: ReadonlySet<string>): HeaderText[] {
  return headers.filter(([name]) => !names.has(name))
}

// drachtio-server and drachtio-srf both read this variable: names that are written as the application has them.
const preserved = new Set((process.env.DRACHTIO_PRESERVE_HEADER_NAMES ?? '').split(',').map((name) => name.trim()))

const maxKnownNames = 1000
const knownNames = new BoundedMap<string>(maxKnownNames)

/**
 * The name of an application's header as it is sent: a registered name in its canonical form, another one with a capital
 * after each hyphen, unless it begins with `X-` or is preserved.
 */
export function outputName(name: string): string {
  const found = knownNames.get(name)
  if (found !== undefined) return found
  const written = formatName(name)
  // The name is cut from a message, whose whole text a slice would keep in memory.
  knownNames.set(name, copyText(written))

  return written
}

function formatName(name: string): string {
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

/** Headers in which drachtio-server puts the server's own address for `localhost`, besides From and To. */
const localised = new Set(['Contact', 'P-Asserted-Identity'])

/**
 * An application's headers as they are sent: without `excluded`, Contact in brackets, `hostPort` for `localhost`, and the
 * Content-Type of SDP. Undefined when the application must name the type of the body.
 */
export function headersToSend(
  { headers, body }: Pick<SipText, 'headers' | 'body'>,
  excluded: ReadonlySet<string>,
  hostPort: string | undefined,
): HeaderText[] | undefined {
  const written: HeaderText[] = []
  let hasType = body === ''
  for (const header of headers) {
    const [name, value] = header
    if (excluded.has(name)) continue
    if (name === 'Content-Type') hasType = true
    if (!localised.has(name)) {
      written.push(header)
      continue
    }
    const local = hostPort === undefined ? value : replaceLocalHost(value, hostPort)
    written.push([name, name === 'Contact' ? bracketed(local) : local])
  }
  if (hasType) return written
  if (!body.startsWith('v=0')) return undefined
  written.push(['Content-Type', 'application/sdp'])

  return written
}

/** Puts `hostPort` where `localhost`, with or without a port, is the host of a URI. */
export function replaceLocalHost(value: string, hostPort: string): string {
  if (!value.includes('localhost')) return value

  return value.replace(
    /(sips?:|@)localhost(?::\d+)?([>;?,\s]|$)/g,
    (_, before: string, after: string) => before + hostPort + after,
  )
}

/**
 * An address in angle brackets, which separate the URI's parameters from the header's (RFC 3261 20.10). The parameters that
 * are certainly the header's, such as `tag`, stay outside.
 */
export function bracketed(value: string): string {
  if (value === '*' || value.includes('<')) return value
  const tag = value.search(/;\s*(tag|expires|q|\+sip\.instance|reg-id)=/i)

  return tag < 0 ? `<${value}>` : `<${value.slice(0, tag)}>${value.slice(tag)}`
}

// Forms that drachtio-srf cannot read: most compact forms, folded lines, lines that do not end in CRLF.
const unreadable = /\r\n[A-Za-z][ \t]*:|\r\n[ \t]|[^\r]\n/

// drachtio-srf discards a message in which one line is no header.
const headerLine = /^[^\s:]+\s*:/

/**
 * A message as its application gets it: unchanged where drachtio-srf can read it, else with its headers written anew. Without
 * Content-Length drachtio-srf takes the message for one without a body.
 */
export function deliveredText(message: Message): string {
  const text = message.toString()
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  const hasBadLine = message.passedOver.some(({ line }) => !headerLine.test(line))
  if (message.has('Content-Length') && !hasBadLine && !unreadable.test(head)) return text
  const startLine = text.slice(0, text.search(/\r?\n/))
  let written = startLine
  for (const [name, value] of message.entries()) if (name !== 'Content-Length') written += `\r\n${name}: ${value}`

  return `${written}\r\nContent-Length: ${message.body.length}\r\n\r\n${message.body}`
}
