import assert from 'node:assert/strict'

/** One SIP message as one party saw it. */
export interface TracedMessage {
  direction: 'sent' | 'received'
  /** Seconds since the epoch. */
  at: number
  text: string
  startLine: string
  /** `INVITE`, or `200 INVITE` for a response to one. */
  name: string
  body: string
  /** Whether SIPp's scenario had no place for it when it came. */
  isUnexpected: boolean
  /** The first value of a header; '' without one. */
  header(name: string): string
  headers(name: string): string[]
}

/** Reads what SIPp's -trace_msg wrote. */
export function parseTrace(log: string): TracedMessage[] {
  const entry = /^-{20,} \S+\t?[\s\S]*?([\d.]+)\n(?:UDP|TCP) message (sent|received)[^\n]*\n\n/gm
  const starts = [...log.matchAll(entry)]

  return starts.map((start, index) => {
    // What it did not expect is written a second time.
    const [once = '', ...again] = log
      .slice(start.index + start[0].length, starts[index + 1]?.index)
      .split(/\n-{20,}\nUnexpected /)
    const text = again.length > 0 ? once : once.replace(/\n$/, '')

    return message(start[2] as TracedMessage['direction'], Number(start[1]), text, again.length > 0)
  })
}

function message(
  direction: TracedMessage['direction'],
  at: number,
  text: string,
  isUnexpected: boolean,
): TracedMessage {
  const blank = /\r?\n\r?\n/.exec(text)
  const head = blank ? text.slice(0, blank.index) : text
  const [startLine = '', ...lines] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const headers = (name: string): string[] =>
    lines
      .filter((line) => line.slice(0, line.indexOf(':')).trim().toLowerCase() === name.toLowerCase())
      .map((line) => line.slice(line.indexOf(':') + 1).trim())
  const method = headers('CSeq')[0]?.split(/\s+/)[1] ?? '?'

  return {
    direction,
    at,
    text,
    startLine,
    name: startLine.startsWith('SIP/2.0 ') ? `${startLine.slice(8, 11)} ${method}` : method,
    isUnexpected,
    body: blank ? text.slice(blank.index + blank[0].length) : '',
    header: (name) => headers(name)[0] ?? '',
    headers,
  }
}

/** What one party sent and received, in order. */
export class Trace {
  /** Everything, retransmissions too. */
  readonly all: readonly TracedMessage[]
  /** Without 100 Trying and retransmissions, which depend on how busy the machine is. */
  readonly messages: readonly TracedMessage[]

  constructor(all: readonly TracedMessage[]) {
    this.all = all
    const seen = new Set<string>()
    this.messages = all.filter((each) => {
      const key = `${each.direction} ${each.text.trim()}`
      const repeated = seen.has(key)
      seen.add(key)

      return !repeated && !each.name.startsWith('100 ')
    })
  }

  /** `> INVITE` for what the party sent, `< 200 INVITE` for what it received. */
  get lines(): string[] {
    return this.messages.map((each) => `${each.direction === 'sent' ? '>' : '<'} ${each.name}`)
  }

  /** The nth message of that line, such as `< 200 INVITE`. */
  message(line: string, nth = 1): TracedMessage {
    const found = this.messages.filter((_, index) => this.lines[index] === line)[nth - 1]
    assert.ok(found, `no ${line} (number ${nth}) among: ${this.lines.join(', ')}`)

    return found
  }
}
