import type { LadderView, Role } from './views.ts'

/** A call's SIP messages drawn as a ladder in plain ASCII, for terminals, logs and whoever asks with `Accept: text/plain`. */

type Lane = Role | 'Baton'
type Message = LadderView['messages'][number]

const order: readonly Lane[] = ['caller', 'Baton', 'agent', 'destination']
const laneWidth = 24
const timeWidth = 9
const noteWidth = 90

/** One line for each message, with seconds since the first; ends with a line feed. */
export function ladderText({ messages }: LadderView): string {
  const first = messages[0]
  if (!first) return 'No SIP message has been kept of this call.\n'

  const lanes = order.filter((lane) => lane === 'Baton' || messages.some(({ leg }) => leg === lane))
  const began = Date.parse(first.at)
  const seen = new Set<string>()
  const lines = [heading(lanes, (lane) => lane), heading(lanes, (lane) => addressOf(lane, messages)), rungs(lanes, '')]

  for (const message of messages) {
    const identity = `${message.leg} ${message.direction} ${message.text}`
    const { label, notes } = describe(message, seen.has(identity))
    const at = ((Date.parse(message.at) - began) / 1000).toFixed(3)
    const [from, to]: [Lane, Lane] = message.direction === 'in' ? [message.leg, 'Baton'] : ['Baton', message.leg]

    seen.add(identity)
    lines.push(withNote(arrow(lanes, at, from, to, label), notes[0]))
    for (const note of notes.slice(1)) lines.push(withNote(rungs(lanes, ''), note))
  }

  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

function heading(lanes: readonly Lane[], name: (lane: Lane) => string): string {
  return ' '.repeat(timeWidth) + lanes.map((lane) => centred(name(lane), laneWidth, ' ')).join('')
}

function addressOf(lane: Lane, messages: readonly Message[]): string {
  const message = lane === 'Baton' ? messages[0] : messages.find(({ leg }) => leg === lane)
  const address = lane === 'Baton' ? message?.local : message?.remote

  return message && address ? `${message.transport} ${address}`.slice(0, laneWidth - 1) : ''
}

function rungs(lanes: readonly Lane[], at: string): string {
  return at.padStart(timeWidth - 1) + ' ' + lanes.map(() => centred('|', laneWidth, ' ')).join('')
}

function arrow(lanes: readonly Lane[], at: string, from: Lane, to: Lane, label: string): string {
  const line = rungs(lanes, at)
  const [left, right] = [columnOf(lanes, from), columnOf(lanes, to)].sort((a, b) => a - b) as [number, number]
  const shaft = centred(` ${label.slice(0, right - left - 5)} `, right - left - 3, '-')
  const pointed = columnOf(lanes, from) < columnOf(lanes, to) ? `-${shaft}>` : `<${shaft}-`

  return line.slice(0, left + 1) + pointed + line.slice(right)
}

function columnOf(lanes: readonly Lane[], lane: Lane): number {
  return timeWidth + lanes.indexOf(lane) * laneWidth + Math.floor((laneWidth - 1) / 2)
}

function centred(text: string, width: number, fill: string): string {
  const left = Math.floor((width - text.length) / 2)

  return fill.repeat(Math.max(0, left)) + text + fill.repeat(Math.max(0, width - text.length - Math.max(0, left)))
}

function withNote(line: string, note: string | undefined): string {
  if (note === undefined) return line

  return `${line.trimEnd()}  ${note.length > noteWidth ? `${note.slice(0, noteWidth - 3)}...` : note}`
}

function describe({ text }: Message, again: boolean): { label: string; notes: string[] } {
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...headers] = (end === -1 ? text : text.slice(0, end)).split('\r\n')
  const body = end === -1 ? '' : text.slice(end + 4)
  const response = /^SIP\/2\.0 (\d{3} ?.*)$/.exec(start)
  const label = response?.[1] ?? start.slice(0, Math.max(0, start.indexOf(' ')))
  const carries = body.startsWith('v=0') ? ' (SDP)' : ''
  const notes = response ? [] : notesOf(headers, body)

  return { label: printable(label + carries), notes: (again ? ['(again)'] : notes).map(printable) }
}

// Long and compact names (RFC 3261 7.3.3, RFC 3515 2.1, RFC 3892 3) of what tells one request from another.
const telling = /^(?:refer-to|r|referred-by|b|reason|replaces|diversion|x-(?!baton-)[^:]*|user-to-user)\s*:/i

function notesOf(headers: readonly string[], body: string): string[] {
  const fragment = /^SIP\/2\.0 \d{3}[^\r\n]*/.exec(body)

  return [...(fragment ? [fragment[0]] : []), ...headers.filter((header) => telling.test(header))]
}

// What a peer sent must not steer the terminal that shows it.
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
}
