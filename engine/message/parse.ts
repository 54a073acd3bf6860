import { BadMessage } from './bad-message.ts'
import { isBlank, isToken, isTokenByte, parseDigits } from './characters.ts'
import { HeaderLine } from './header-line.ts'
import { headerName } from './header-names.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { Request } from './request.ts'
import { Response } from './response.ts'

const CR = 13
const LF = 10
const COLON = 58

interface Head {
  lines: HeaderLine[]
  bodyStart: number
  problem: { reason: string; status?: number } | undefined
}

/**
 * Parses one whole message: a datagram, or what the stream framer cut out. Never throws. Header values are looked into
 * only when they are asked for; `validate` checks them. Bytes after the body (RFC 3261 18.3) are left out.
 */
export function parseMessage(data: Buffer | string, limits: Limits = defaultLimits): Request | Response | BadMessage {
  let text = typeof data === 'string' ? data : data.toString('latin1')
  const tooLarge = text.length > limits.messageSize
  if (tooLarge) text = text.slice(0, limits.messageSize)
  const lineEnd = text.indexOf('\r\n')
  if (lineEnd <= 0) return new BadMessage({ reason: 'there is no start line' })
  const firstLine = text.slice(0, lineEnd)
  const head = parseHead(text, lineEnd + 2, limits)
  let problem = tooLarge ? { reason: `larger than ${limits.messageSize} bytes`, status: 513 } : head.problem
  let end = text.length
  if (!problem) {
    const length = contentLength(head.lines)
    if (typeof length === 'string') problem = { reason: length }
    else if (length > end - head.bodyStart) problem = { reason: 'Content-Length is more than what came' }
    else if (length >= 0) end = head.bodyStart + length
  }
  const origin = { text: end === text.length ? text : text.slice(0, end), lines: head.lines, bodyStart: head.bodyStart }
  const message = problem ? problem.reason : startMessage(firstLine, origin)
  if (typeof message !== 'string') return message
  const method = methodOf(firstLine)

  return new BadMessage({ reason: message, status: problem?.status ?? 400, method, firstLine }, origin)
}

/** The header lines from `start` to the empty line; on a problem the lines that could still be read. */
function parseHead(text: string, start: number, limits: Limits): Head {
  const lines: HeaderLine[] = []
  let problem: Head['problem']
  let vias = 0
  let at = start
  while (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) {
    let end = text.indexOf('\n', at)
    if (end < 0)
      return { lines, bodyStart: text.length, problem: problem ?? { reason: 'no empty line after the headers' } }
    if (text.indexOf('\r', at) !== end - 1) problem ??= { reason: 'a CR or LF alone among the headers' }
    let folded = false
    while (isBlank(text.charCodeAt(end + 1))) {
      const next = text.indexOf('\n', end + 1)
      if (next < 0) break
      if (text.indexOf('\r', end + 1) !== next - 1) problem ??= { reason: 'a CR or LF alone among the headers' }
      folded = true
      end = next
    }
    const line = parseLine(text, at, end - 1, folded)
    if (!line) problem ??= { reason: 'a header line without a name' }
    else if (lines.length >= limits.headerCount)
      problem ??= { reason: `more than ${limits.headerCount} headers`, status: 513 }
    else if (end - at > limits.headerLength) {
      problem ??= { reason: `${line.name.name} is longer than ${limits.headerLength} bytes`, status: 513 }
    } else {
      if (line.name.key === 'via' && ++vias > limits.viaCount)
        problem ??= { reason: `more than ${limits.viaCount} Via` }
      lines.push(line)
    }
    at = end + 1
  }

  return { lines, bodyStart: at + 2, problem }
}

function parseLine(text: string, start: number, end: number, folded: boolean): HeaderLine | undefined {
  let at = start
  while (at < end && isTokenByte(text.charCodeAt(at))) at++
  const nameEnd = at
  while (at < end && isBlank(text.charCodeAt(at))) at++
  if (nameEnd === start || at >= end || text.charCodeAt(at) !== COLON) return undefined
  const name = headerName(text.slice(start, nameEnd))
  do at++
  while (at < end && isBlank(text.charCodeAt(at)))
  let last = end
  while (last > at && isBlank(text.charCodeAt(last - 1))) last--

  return new HeaderLine(name, text.slice(at, last), start, end + 2, folded)
}

/** The body's length, -1 when nothing says it, or what is wrong. */
function contentLength(lines: readonly HeaderLine[]): number | string {
  let found = -1
  for (const line of lines) {
    if (line.name.key !== 'content-length') continue
    const length = parseDigits(line.value)
    if (length === undefined) return 'Content-Length is not a number'
    if (found >= 0 && found !== length) return 'two Content-Lengths that differ'
    found = length
  }

  return found
}

function startMessage(line: string, origin: { text: string; lines: HeaderLine[]; bodyStart: number }) {
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
