import { outputName } from './header-output.ts'

/** Name, as it will be written, and value. */
export type Header = readonly [name: string, value: string]

interface Parts {
  startLine: string
  headers: readonly Header[]
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
 * The SIP message that a client wants sent. Its head ends at the first empty line, the rest is the body; header lines are
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

function parseHeader(line: string): Header[] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0)).trimEnd()
  if (!/^[A-Za-z0-9\-.!%*_+`'~]+$/.test(name) || dropped.has(name.toLowerCase())) return []
  const written = outputName(name)
  // Compact names become known only now.
  if (dropped.has(written.toLowerCase())) return []

  return [[written, line.slice(colon + 1).trim()]]
}

/** The first value of a header; `name` in its canonical form. */
export function valueOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1]
}

/** The headers but those with these canonical names. */
export function without(headers: readonly Header[], names: ReadonlySet<string>): Header[] {
  return headers.filter(([name]) => !names.has(name))
}
