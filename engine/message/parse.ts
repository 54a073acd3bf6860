import { isBlank, isDigit, isToken, isTokenByte, parseDigits, trimBlanks } from './characters.ts'
import { methodNamed } from './cseq.ts'
import { endOfElement, HeaderLine, maxPassedOver, type PassedOver, type PassedOverReason } from './header-line.ts'
import { headerName, headerNameAt, headerNames, nextHash } from './header-names.ts'
import type { MessageOrigin } from './message.ts'
import { BadMessage, Request } from './request.ts'
import { Response } from './response.ts'

const CR = 13
const LF = 10
const COLON = 58
const SPACE = 32

/** The fault of a message, and the status of the answer if that is not 400. */
export interface ParseProblem {
  reason: string
  status?: number
}

interface Head extends MessageOrigin {
  text: string
  bodyStart: number
  problem: ParseProblem | undefined
  passedOver: PassedOver[] | undefined
}

// RFC 3261 18.3 calls a body that is shorter than Content-Length an error. Some peers count a last line end or two that they
// do not send: the session description before it is whole.
const missingLineEndBytes = 4

/**
 * Parses one whole message, a datagram or a frame of the stream framer. Never throws. Header values are looked into
 * only when they are asked for; `validate` checks them. Malformed header lines that nothing needs are passed over
 * (RFC 3261 8.2.2, 16.3). Bytes after the body (18.3) are left out.
 */
export function parseMessage(
  data: Buffer | string,
  limits: MessageLimits = defaultLimits,
): Request | Response | BadMessage {
  if (data.length > limits.messageSize) return tooLarge(data, limits)
  const text = typeof data === 'string' ? data : data.toString('latin1')
  const headStart = text.indexOf('\r\n') + 2
  if (headStart <= 2) return new BadMessage({ reason: 'there is no start line' })
  const head = parseHead(text, headStart, limits)
  const { lines, bodyStart } = head
  if (headStart - 2 > limits.headerLength) head.problem = startLineTooLong(text, limits)
  const length = bodyLength(text, head)
  if (head.problem) return badMessage(text, lines, bodyStart, head.problem)
  const end = length < 0 ? text.length : bodyStart + length
  if (end < text.length) head.text = text.slice(0, end)
  const message = startUsual(text, headStart - 2, head) ?? startMessage(text.slice(0, headStart - 2), head)

  return typeof message === 'string' ? badMessage(text, lines, bodyStart, { reason: message }) : message
}

/** The header lines of a message that was parsed before, with whichever limits. */
export function headerLines(text: string): HeaderLine[] {
  return parseHead(text, text.indexOf('\r\n') + 2, noLimits).lines
}

/** The readable headers of a message that is known to be bad, for example because its stream could not be framed. */
export function parseBad(text: string, problem: ParseProblem, limits: MessageLimits = defaultLimits): BadMessage {
  const { lines, bodyStart } = parseHead(text, text.indexOf('\r\n') + 2, limits)

  return badMessage(text, lines, bodyStart, problem)
}

/** The length of the body that follows this head on a stream (RFC 3261 18.3), or why it is unknown. */
export function framedLength(head: string, limits: MessageLimits = defaultLimits): number | ParseProblem {
  const { lines, problem } = parseHead(head, head.indexOf('\r\n') + 2, limits)
  const length = contentLength(lines)
  if (typeof length === 'string') return { reason: length }

  return length === -1 ? (problem ?? { reason: 'no Content-Length on a stream' }) : length
}

function tooLarge(data: Buffer | string, limits: MessageLimits): BadMessage {
  const text = typeof data === 'string' ? data : data.toString('latin1', 0, limits.messageSize)
  const problem = { reason: `larger than ${limits.messageSize} bytes`, status: 513 }

  return parseBad(text.slice(0, limits.messageSize), problem, limits)
}

function badMessage(text: string, lines: HeaderLine[], bodyStart: number, problem: ParseProblem): BadMessage {
  const firstLine = text.slice(0, Math.max(0, text.indexOf('\r\n')))

  return new BadMessage({ ...problem, method: methodOf(firstLine), firstLine }, { text, lines, bodyStart })
}

/** The header lines from `start` to the empty line; on a problem the lines that could still be read. */
function parseHead(text: string, start: number, limits: MessageLimits): Head {
  const head: Head = { text, lines: [], bodyStart: text.length, problem: undefined, passedOver: undefined }
  let count = 0
  let vias = 0
  let at = start
  while (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) {
    if (++count > limits.headerCount) {
      const headEnd = isNeverRefused(text) ? text.indexOf('\r\n\r\n', at) : -1
      if (headEnd < 0) head.problem ??= { reason: `more than ${limits.headerCount} headers`, status: 513 }
      else {
        passOver(head, 'too_many', text, at, headEnd)
        head.bodyStart = headEnd + 4
      }

      return head
    }
    let end = text.indexOf('\n', at)
    let isClean = true
    let folded = false
    for (;;) {
      if (end < 0) {
        head.problem ??= { reason: 'no empty line after the headers' }
        return head
      }
      if (text.charCodeAt(end - 1) !== CR) {
        // RFC 3261 7: a line ends in CRLF. Text after an LF alone belongs to the same line, because a proxy in front of us may
        // have checked it as one line.
        isClean = false
        end = text.indexOf('\n', end + 1)
      } else if (isBlank(text.charCodeAt(end + 1))) {
        const next = text.indexOf('\n', end + 1)
        if (next < 0) break
        folded = true
        end = next
      } else break
    }
    if (isClean) isClean = hasNoLoneCr(text, at, end)
    if (!isClean) passOver(head, 'line_break', text, at, end)
    else if (end - at > limits.headerLength) {
      if (isNeverRefused(text)) passOver(head, 'too_long', text, at, end)
      else head.problem ??= { reason: `${nameAt(text, at)} is longer than ${limits.headerLength} bytes`, status: 513 }
    } else {
      const line = parseLine(text, at, end - 1, folded)
      if (line) head.lines.push(line)
      else passOver(head, 'no_header_name', text, at, end)
      if (line?.name === headerNames.via && (vias += elementsOf(line.value)) > limits.viaCount) {
        head.problem ??= { reason: `more than ${limits.viaCount} Via` }
      }
    }
    at = end + 1
  }
  head.bodyStart = at + 2

  return head
}

function passOver(head: Head, reason: PassedOverReason, text: string, start: number, end: number): void {
  head.passedOver ??= []
  if (head.passedOver.length < maxPassedOver) head.passedOver.push({ reason, line: text.slice(start, end) })
}

// Refusing a response, an ACK or a BYE would lose a call, and refusing a CANCEL would let a phone ring on.
function isNeverRefused(text: string): boolean {
  return /^(?:SIP\/2\.0|ACK|BYE|CANCEL) /i.test(text.slice(0, 8))
}

/** How many elements a comma list has. */
function elementsOf(value: string): number {
  if (!value.includes(',')) return 1
  let count = 1
  for (let at = endOfElement(value, 0); at < value.length; at = endOfElement(value, at + 1)) count++

  return count
}

// RFC 3261 21.4.12: the Request-URI is what makes a request line long.
function startLineTooLong(text: string, { headerLength }: MessageLimits): ParseProblem {
  return { reason: `the start line is longer than ${headerLength} bytes`, status: text.startsWith('SIP/') ? 400 : 414 }
}

// For an error's text, so that only the first characters are of use.
function nameAt(text: string, start: number): string {
  return headerName(text.slice(start, start + 40).split(':', 1)[0] ?? '').name
}

/** Every CR of the line that begins at `start` and ends at `lf`, its folds included, is followed by an LF. */
function hasNoLoneCr(text: string, start: number, lf: number): boolean {
  for (let at = text.indexOf('\r', start); at < lf - 1; at = text.indexOf('\r', at + 1)) {
    if (text.charCodeAt(at + 1) !== LF) return false
  }

  return true
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

/** The body's length, -1 for the rest of the datagram. Problems are noted in the head. */
function bodyLength(text: string, head: Head): number {
  const length = contentLength(head.lines)
  const missing = typeof length === 'string' ? 0 : head.bodyStart + length - text.length
  if (typeof length !== 'string' && missing <= 0) return length
  const isPassedOver = isNeverRefused(text) && (typeof length === 'string' || !text.startsWith('SIP/'))
  if (isPassedOver || (missing > 0 && missing <= missingLineEndBytes)) {
    const line = head.lines.find(({ name }) => name === headerNames.contentLength)?.text ?? ''
    passOver(head, 'content_length', line, 0, line.length)
  } else head.problem ??= { reason: typeof length === 'string' ? length : 'Content-Length is more than what came' }

  return -1
}

/** The value of Content-Length, -1 without one, or what is wrong with it. */
function contentLength(lines: readonly HeaderLine[]): number | string {
  let found = -1
  for (const line of lines) {
    if (line.name !== headerNames.contentLength) continue
    const length = parseDigits(line.value)
    if (length === undefined) return 'Content-Length is not a number'
    // A proxy that reads the other Content-Length would see another message: two of them are refused even when they agree
    // (RFC 3261 7.3.1).
    if (found >= 0) return 'two Content-Lengths'
    found = length
  }

  return found
}

// The usual spelling of a start line, without slices; `startMessage` handles every other one and names the problem.
function startUsual(text: string, end: number, origin: MessageOrigin): Request | Response | undefined {
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

/** The three-digit status code at this index, or 0. */
function statusAt(text: string, at: number): number {
  const [hundreds, tens, ones] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)]
  if (!isDigit(hundreds) || !isDigit(tens) || !isDigit(ones)) return 0

  return hundreds * 100 + tens * 10 + ones - 48 * 111
}

function startMessage(line: string, origin: MessageOrigin): Request | Response | string {
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

/** Upper bounds on a message. Lengths are bytes. */
export interface MessageLimits {
  readonly messageSize: number
  readonly headerCount: number
  /** The length of one header field, folds included. */
  readonly headerLength: number
  readonly viaCount: number
}

export const defaultLimits: MessageLimits = { messageSize: 65_535, headerCount: 256, headerLength: 8192, viaCount: 70 }
const noLimits: MessageLimits = {
  messageSize: Infinity,
  headerCount: Infinity,
  headerLength: Infinity,
  viaCount: Infinity,
}
