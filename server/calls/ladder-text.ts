import type { LadderView, PartyRole } from '../legs/views.ts'

/** A call's SIP messages as a ladder in plain ASCII, for terminals, logs and `Accept: text/plain`. */

type LadderColumn = PartyRole | 'Baton'
type LadderMessage = LadderView['messages'][number]

/** The style of a drawing. */
export interface LadderStyle {
  /** Characters for each party. */
  columnWidth: number
  /** Characters for the notes beside an arrow; 0: no notes, and longer labels. */
  noteWidth: number
  lifeline: string
  shaft: string
  /** Arrow heads, to the left and to the right. */
  heads: readonly [string, string]
}

const plainStyle: LadderStyle = { columnWidth: 24, noteWidth: 90, lifeline: '|', shaft: '-', heads: ['<', '>'] }

const order: readonly LadderColumn[] = ['caller', 'Baton', 'agent', 'destination']
const timeWidth = 9

/** One line for each message, with seconds since the first; ends with a line feed. */
export function ladderText({ messages }: LadderView, style = plainStyle): string {
  const first = messages[0]
  if (!first) return 'No SIP message has been kept of this call.\n'

  const columns = order.filter((column) => column === 'Baton' || messages.some(({ leg }) => leg === column))
  const drawing = new LadderDrawing(columns, style)
  const callerAt = messages.find(({ leg }) => leg === 'caller')?.remote
  const began = Date.parse(first.at)
  const seen = new Set<string>()
  const lines = [
    drawing.heading((column) => column),
    drawing.heading((column) => addressOf(column, messages)),
    drawing.lifelines(''),
  ]

  for (const message of messages) {
    const identity = `${message.leg} ${message.direction} ${message.text}`
    const { label, notes } = describe(message, seen.has(identity), style.noteWidth > 0)
    const at = ((Date.parse(message.at) - began) / 1000).toFixed(3)
    // After a REFER, the caller of a rehearsal calls the destination itself.
    const near: LadderColumn = message.leg === 'destination' && message.local === callerAt ? 'caller' : 'Baton'
    const [from, to]: [LadderColumn, LadderColumn] =
      message.direction === 'in' ? [message.leg, near] : [near, message.leg]

    seen.add(identity)
    lines.push(drawing.noted(drawing.arrow(at, from, to, label), notes[0]))
    for (const note of notes.slice(1)) lines.push(drawing.noted(drawing.lifelines(''), note))
  }

  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

function addressOf(column: LadderColumn, messages: readonly LadderMessage[]): string {
  const message = column === 'Baton' ? messages[0] : messages.find(({ leg }) => leg === column)
  const address = column === 'Baton' ? message?.local : message?.remote

  return message && address ? `${message.transport} ${address}` : ''
}

/** Draws the lines of a ladder. */
class LadderDrawing {
  readonly #columns: readonly LadderColumn[]
  readonly #style: LadderStyle

  constructor(columns: readonly LadderColumn[], style: LadderStyle) {
    this.#columns = columns
    this.#style = style
  }

  heading(name: (column: LadderColumn) => string): string {
    const { columnWidth } = this.#style
    const names = this.#columns.map((column) => centred(name(column).slice(0, columnWidth - 1), columnWidth, ' '))

    return ' '.repeat(timeWidth) + names.join('')
  }

  lifelines(at: string): string {
    const { lifeline, columnWidth } = this.#style

    return `${at.padStart(timeWidth - 1)} ${this.#columns.map(() => centred(lifeline, columnWidth, ' ')).join('')}`
  }

  arrow(at: string, from: LadderColumn, to: LadderColumn, label: string): string {
    const { shaft, heads } = this.#style
    const line = this.lifelines(at)
    const [left, right] = [this.#columnOf(from), this.#columnOf(to)].sort((a, b) => a - b) as [number, number]
    const labelled = centred(` ${label.slice(0, right - left - 5)} `, right - left - 3, shaft)
    const pointed = left === this.#columnOf(from) ? `${shaft}${labelled}${heads[1]}` : `${heads[0]}${labelled}${shaft}`

    return line.slice(0, left + 1) + pointed + line.slice(right)
  }

  noted(line: string, note: string | undefined): string {
    const { noteWidth } = this.#style
    if (note === undefined || noteWidth === 0) return line

    return `${line.trimEnd()}  ${note.length > noteWidth ? `${note.slice(0, noteWidth - 3)}...` : note}`
  }

  #columnOf(column: LadderColumn): number {
    const { columnWidth } = this.#style

    return timeWidth + this.#columns.indexOf(column) * columnWidth + Math.floor((columnWidth - 1) / 2)
  }
}

function centred(text: string, width: number, fill: string): string {
  const left = Math.floor((width - text.length) / 2)

  return fill.repeat(Math.max(0, left)) + text + fill.repeat(Math.max(0, width - text.length - Math.max(0, left)))
}

function describe(
  { text, passedOver = [] }: LadderMessage,
  again: boolean,
  withNotes: boolean,
): { label: string; notes: string[] } {
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...headers] = (end === -1 ? text : text.slice(0, end)).split('\r\n')
  const body = end === -1 ? '' : text.slice(end + 4)
  const response = /^SIP\/2\.0 (\d{3} ?.*)$/.exec(start)
  const label = response?.[1] ?? start.slice(0, Math.max(0, start.indexOf(' ')))
  const carries = body.startsWith('v=0') ? ' (SDP)' : ''
  if (!withNotes) return { label: printable(label + (response ? '' : gist(label, headers, body))), notes: [] }
  const notes = [...(response ? [] : notesOf(headers, body)), ...passedOver.map((line) => `passed over: ${line}`)]

  return { label: printable(label + carries), notes: (again ? ['(again)'] : notes).map(printable) }
}

/** The detail in a request's label: the status of a NOTIFY, the user of a REFER's target. */
function gist(method: string, headers: readonly string[], body: string): string {
  let detail: string | undefined
  if (method === 'NOTIFY') detail = /^SIP\/2\.0 (\d{3})/.exec(body)?.[1]
  else if (method === 'REFER') {
    detail = /^(?:refer-to|r)[ \t]*:.*?(?:sips?|tel):([^@;>?]+)/im.exec(headers.join('\n'))?.[1]
  }

  return detail === undefined ? '' : ` ${detail}`
}

// Headers that are shown beside a request, by long and compact names (RFC 3261 7.3.3, RFC 3515 2.1, RFC 3892 3).
const telling = /^(?:x-(?!baton-)[^:]*|(?:refer-to|r|referred-by|b|reason|replaces|diversion|user-to-user)\s*):/i

function notesOf(headers: readonly string[], body: string): string[] {
  const fragment = /^SIP\/2\.0 \d{3}[^\r\n]*/.exec(body)

  return [...(fragment ? [fragment[0]] : []), ...headers.filter((header) => telling.test(header))]
}

// Control characters of a peer's message must not reach the terminal.
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
}
