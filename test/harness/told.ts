import assert from 'node:assert/strict'
import type { Trace, TracedMessage } from './sip-trace.ts'

// A drachtio server does not tell its applications of everything. What follows is all that may be missing.

/** The server's own: 100 Trying, the answers to CANCEL, the ACK of a failure; and whatever is repeated. */
const untold = new Set(['100 INVITE', '487 INVITE', '200 CANCEL', 'ACK'])

/** The messages that an application of a drachtio server hears of. */
export function toldOf(traces: Record<string, Trace>): TracedMessage[] {
  return Object.values(traces).flatMap(({ all, messages }) =>
    all.filter((message) => messages.includes(message) || isUntold(message)),
  )
}

function isUntold({ name }: TracedMessage): boolean {
  return untold.has(name)
}

/** Asserts that the counts are alike, but for what was not told. */
export function expectCounts(reported: Record<string, number>, seen: Record<string, number>, what: string): void {
  for (const name of untold) {
    for (const key of [`in ${name}`, `out ${name}`]) {
      assert.ok((reported[key] ?? 0) <= (seen[key] ?? 0), `${what}: more ${key} than there were`)
      delete reported[key]
      delete seen[key]
    }
  }
  assert.deepEqual(reported, seen, what)
}

/** Asserts that `shown` are the messages, but for what was not told. */
export function expectTexts(shown: string[], traces: Record<string, Trace>): void {
  const left = shown.map(asSent)
  for (const message of toldOf(traces)) {
    const at = left.indexOf(asSent(message.text))
    if (at >= 0) left.splice(at, 1)
    else assert.ok(isUntold(message), `the ladder lacks: ${message.text}`)
  }
  assert.deepEqual(left, [], 'the ladder shows what nobody saw')
}

/** The text without what a server notes in the top Via (RFC 3261 18.2.1, RFC 3581). */
function asSent(text: string): string {
  return text
    .trim()
    .split('\r\n')
    .map((line) => (/^via:/i.test(line) ? line.replace(/;(rport|received)(=[^;]*)?/g, '') : line))
    .join('\n')
}
