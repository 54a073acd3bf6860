import { BadMessage } from './bad-message.ts'
import { isBlank, isDigit, isToken, isTokenByte, parseDigits, trimBlanks } from './characters.ts'
import { HeaderLine } from './header-line.ts'
import { headerName, headerNameAt, headerNames, nextHash } from './header-names.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { methodNamed } from './methods.ts'
import type { Origin } from './message.ts'
import { Request } from './request.ts'
import { Response } from './response.ts'

const CR = 13
const LF = 10
const COLON = 58
const SPACE = 32

/** What is wrong with a message, and what to answer if that is not 400. */
export interface Problem {
  reason: string
  status?: number
}

interface Head {
  lines: HeaderLine[]
  bodyStart: number
  problem: Problem | undefined
}

/**
 * Parses one whole message: a datagram, or what the stream framer cut out. Never throws. Header values are looked into
 * only when they are asked for; `validate` checks them. Bytes after the body (RFC 3261 18.3) are left out.
 */
export function parseMessage(data: Buffer | string, limits: Limits = defaultLimits): Request | Response | BadMessage {
  if (data.length > limits.messageSize) return tooLarge(data, limits)
  const text = typeof data === 'string' ? data : data.toString('latin1')
  const headStart = text.indexOf('\r\n') + 2
  if (headStart <= 2) return new BadMessage({ reason: 'there is no start line' })
  const { lines, bodyStart, problem } = parseHead(text, headStart, limits)
  if (problem) return badMessage(text, lines, bodyStart, problem)
  const length = contentLength(lines)
  if (typeof length === 'string') return badMessage(text, lines, bodyStart, { reason: length })
  if (length > text.length - bodyStart) {
    return badMessage(text, lines, bodyStart, { reason: 'Content-Length is more than what came' })
  }
  const end = length < 0 ? text.length : bodyStart + length
  const origin = { text: end === text.length ? text : text.slice(0, end), lines, bodyStart }
  const message = startUsual(text, headStart - 2, origin) ?? startMessage(text.slice(0, headStart - 2), origin)

  return typeof message === 'string' ? badMessage(text, lines, bodyStart, { reason: message }) : message
}

/** What can be read of a message that is known to be bad, such as one that its transport could not cut out. */
export function parseBad(text: string, problem: Problem, limits: Limits = defaultLimits): BadMessage {
  const { lines, bodyStart } = parseHead(text, text.indexOf('\r\n') + 2, limits)

  return badMessage(text, lines, bodyStart, problem)
}

/** The length of the body that follows this head on a stream (RFC 3261 18.3), or why nobody can say. */
export function framedLength(head: string, limits: Limits = defaultLimits): number | Problem {
  const { lines, problem } = parseHead(head, head.indexOf('\r\n') + 2, limits)
  const length = contentLength(lines)
  if (typeof length === 'string') return { reason: length }

  return length === -1 ? (problem ?? { reason: 'no Content-Length on a stream' }) : length
}

function tooLarge(data: Buffer | string, limits: Limits): BadMessage {
  const text = typeof data === 'string' ? data : data.toString('latin1', 0, limits.messageSize)
  const problem = { reason: `larger than ${limits.messageSize} bytes`, status: 513 }

  return parseBad(text.slice(0, limits.messageSize), problem, limits)
}

function badMessage(text: string, lines: HeaderLine[], bodyStart: number, problem: Problem): BadMessage {
  const firstLine = text.slice(0, Math.max(0, text.indexOf('\r\n')))

  return new BadMessage({ ...problem, method: methodOf(firstLine), firstLine }, { text, lines, bodyStart })
}

/** The header lines from `start` to the empty line; on a problem the lines that could still be read. */
function parseHead(text: string, start: number, limits: Limits): Head {
  const lines: HeaderLine[] = []
  let problem: Problem | undefined
  let count = 0
  let vias = 0
  let at = start
  while (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) {
    if (++count > limits.headerCount) {
      problem ??= { reason: `more than ${limits.headerCount} headers`, status: 513 }
      return { lines, bodyStart: text.length, problem }
    }
    let end = text.indexOf('\n', at)
    if (end < 0) {
      problem ??= { reason: 'no empty line after the headers' }
      return { lines, bodyStart: text.length, problem }
    }
    let isClean = endsInCrLf(text, at, end)
    let folded = false
    while (isBlank(text.charCodeAt(end + 1))) {
      const next = text.indexOf('\n', end + 1)
      if (next < 0) break
      isClean &&= endsInCrLf(text, end + 1, next)
      folded = true
      end = next
    }
    // A line that is not clean is left out: what is made of the message must not hold a CR or LF either.
    if (!isClean) problem ??= { reason: 'a CR or LF alone among the headers' }
    else if (end - at > limits.headerLength) {
      problem ??= { reason: `${nameAt(text, at)} is longer than ${limits.headerLength} bytes`, status: 513 }
    } else {
      const line = parseLine(text, at, end - 1, folded)
      if (line) lines.push(line)
      else problem ??= { reason: 'a header line without a name' }
      if (line?.name === headerNames.via && ++vias > limits.viaCount) {
        problem ??= { reason: `more than ${limits.viaCount} Via` }
      }
    }
    at = end + 1
  }

  return { lines, bodyStart: at + 2, problem }
}

// For an error's text, so not more of it than one would read.
function nameAt(text: string, start: number): string {
  return headerName(text.slice(start, start + 40).split(':', 1)[0] ?? '').name
}

/** The only CR of the line that begins at `start` is the one before its LF. */
function endsInCrLf(text: string, start: number, lf: number): boolean {
  return text.charCodeAt(lf - 1) === CR && text.indexOf('\r', start) === lf - 1
}

function parseLine(text: string, start: number, end: number, folded: boolean): HeaderLine | undefined {
  let at = start
  let hash = 0
  for (let code = text.charCodeAt(at); isTokenByte(code); code = text.charCodeAt(++at)) hash = nextHash(hash, code)
  const nameEnd = at
  while (isBlank(text.charCodeAt(at))) at++
  if (nameEnd === start || at >= end || text.charCodeAt(at) !== COLON) return undefined
  const name = headerNameAt(text, start, nameEnd, hash)
  do at++
  while (at < end && isBlank(text.charCodeAt(at)))
  let last = end
  while (last > at && isBlank(text.charCodeAt(last - 1))) last--

  return new HeaderLine(name, text, start, end + 2, at, last, folded ? unfold(text.slice(at, last)) : undefined)
}

// RFC 3261 7.3.1: a fold, and the blanks around it, stand for one space.
function unfold(value: string): string {
  return trimBlanks(value.split('\r\n').map(trimBlanks).join(' '))
}

/** The body's length, -1 when nothing says it, or what is wrong. */
function contentLength(lines: readonly HeaderLine[]): number | string {
  let found = -1
  for (const line of lines) {
    if (line.name !== headerNames.contentLength) continue
    const length = parseDigits(line.value)
    if (length === undefined) return 'Content-Length is not a number'
    // Whoever reads the other one would find another message: even two that agree are one too many (RFC 3261 7.3.1).
    if (found >= 0) return 'two Content-Lengths'
    found = length
  }

  return found
}

// A start line as nearly all are; `startMessage` says of any other what it is, or what is wrong with it.
function startUsual(text: string, end: number, origin: Origin): Request | Response | undefined {
  if (text.startsWith('SIP/2.0 ')) {
    const status = statusAt(text, 8)
    if (status < 100 || status > 699 || text.charCodeAt(11) !== SPACE) return undefined
    const reason = text.slice(12, end)

    return reason.includes('\r') || reason.includes('\n') ? undefined : new Response(status, reason, origin)
  }
  if (!text.startsWith(' SIP/2.0', end - 8)) return undefined
  let space = 0
  while (isTokenByte(text.charCodeAt(space))) space++
  if (space === 0 || text.charCodeAt(space) !== SPACE) return undefined
  for (let at = space + 1; at < end - 8; at++) if (text.charCodeAt(at) <= SPACE) return undefined
  const uri = text.slice(space + 1, end - 8)

  return uri === '' ? undefined : new Request(methodNamed(text, 0, space), uri, origin)
}

/** The number of three digits that stands there, or 0. */
function statusAt(text: string, at: number): number {
  const [hundreds, tens, ones] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)]
  if (!isDigit(hundreds) || !isDigit(tens) || !isDigit(ones)) return 0

  return hundreds * 100 + tens * 10 + ones - 48 * 111
}

function startMessage(line: string, origin: Origin): Request | Response | string {
  if (line.includes('\r') || line.includes('\n')) return 'a CR or LF alone in the start line'
  const first = line.indexOf(' ')
  if (first <= 0) return 'the start line has no spaces'
  const word = line.slice(0, first)
  if (isSipVersion(word)) {
    const second = line.indexOf(' ', first + 1)
    const code = line.slice(first + 1, second < 0 ? line.length : second)
    const status = code.length === 3 ? parseDigits(code) : undefined
    if (status === undefined || status < 100 || status > 699) return 'the status code is not one of 100 to 699'
    if (word.toUpperCase() !== 'SIP/2.0') return 'the response is not SIP/2.0'

    return new Response(status, second < 0 ? '' : line.slice(second + 1), origin)
  }
  const last = line.lastIndexOf(' ')
  const version = line.slice(last + 1)
  const uri = line.slice(first + 1, last)
  if (!isToken(word)) return 'the method is not a token'
  if (!isSipVersion(version)) return 'the request line does not end in a SIP version'
  if (uri === '' || uri.includes(' ') || uri.includes('\t')) return 'the request line is not "method URI version"'

  return new Request(word, uri, origin, version.toUpperCase())
}

// RFC 3261 7.1: the version is compared without regard to case.
function isSipVersion(text: string): boolean {
  return text === 'SIP/2.0' || /^sip\/\d{1,9}\.\d{1,9}$/i.test(text)
}

function methodOf(firstLine: string): string | undefined {
  const space = firstLine.indexOf(' ')
  const word = space < 0 ? '' : firstLine.slice(0, space)

  return isToken(word) && !isSipVersion(word) ? word : undefined
}
