import assert from 'node:assert/strict'
import type { LadderView } from '../../server/legs/views.ts'
import { masked } from '../../engine/index.ts'
import { Trace, type TracedMessage } from './sip-trace.ts'

/** What Baton sent once more to a party that had gone by then: its answer was on the way. */
export function unheard(traces: Record<string, Trace>, { messages }: LadderView): Trace {
  const received = Object.values(traces)
    .flatMap(({ all }) => all)
    .filter(({ direction }) => direction === 'received')
  const left = received.map(({ text }) => asSent(text))
  const again = messages.filter(({ direction, text }) => {
    const at = left.indexOf(asSent(text))
    if (at >= 0) left.splice(at, 1)

    return direction === 'out' && at < 0
  })

  return new Trace(again.flatMap(({ text }) => received.find((message) => asSent(message.text) === asSent(text)) ?? []))
}

// A drachtio server does not tell its applications of everything. What follows is all that may be missing, or too much.

/** The server's own: 100 Trying, the answers to CANCEL, the ACK of a failure. */
const untold = new Set(['100 INVITE', '487 INVITE', '200 CANCEL', 'ACK'])
/** Told at once, and held until it may be sent (RFC 3261 9.1), which is perhaps never. */
const held = 'out CANCEL'

/** Asserts that what was reported by `in INVITE` and the like is what was seen, but for what was not told. */
export function expectCounts(
  reported: Record<string, number>,
  traces: Record<string, Trace>,
  ladder: LadderView,
  uncounted: readonly string[],
  own: readonly string[] = [],
): void {
  const all = Object.values(traces)
  const least = count(
    all
      .flatMap(({ messages }) => messages)
      .filter((each) => !untold.has(each.name) && !own.includes(each.name) && !isCutOff(each, ladder)),
  )
  const most = count(all.flatMap((trace) => trace.all))
  for (const key of new Set([...Object.keys(reported), ...Object.keys(most)])) {
    if (uncounted.includes(key)) continue
    const times = reported[key] ?? 0
    const isRight = times >= (least[key] ?? 0) && (times <= (most[key] ?? 0) || key === held)
    assert.ok(
      isRight,
      `metrics of messages: ${key} ${times} times, and seen ${least[key] ?? 0} to ${most[key] ?? 0} times`,
    )
  }
}

/** Asserts that the texts shown are the messages, but for what was not told. */
export function expectTexts(ladder: LadderView, traces: Record<string, Trace>, own: readonly string[] = []): void {
  const left = ladder.messages.map(({ text }) => asSent(text))
  for (const { all, messages } of Object.values(traces)) {
    for (const message of all) {
      const at = left.indexOf(asSent(message.text))
      if (at >= 0) left.splice(at, 1)
      else if (!own.includes(message.name)) {
        assert.ok(
          untold.has(message.name) || !messages.includes(message) || isCutOff(message, ladder),
          `the ladder lacks: ${message.text}`,
        )
      }
    }
  }
  const unseen = left.filter((text) => !text.startsWith('CANCEL '))
  assert.deepEqual(unseen, [], 'the ladder shows a message that no party sent or received')
}

/** A response that Baton's BYE has crossed: the BYE ends the pending requests of its dialog, whose responses are not passed on. */
function isCutOff({ direction, name, text }: TracedMessage, { messages }: LadderView): boolean {
  const callId = lineOf('Call-ID', text)

  return (
    direction === 'sent' &&
    /^[2-6]\d\d (?!BYE|INVITE)/.test(name) &&
    messages.some(
      (each) => each.direction === 'out' && each.text.startsWith('BYE ') && lineOf('Call-ID', each.text) === callId,
    ) &&
    !messages.some((each) => asSent(each.text) === asSent(text))
  )
}

const lineOf = (name: string, text: string) => new RegExp(`^${name}: *(.*?)\r?$`, 'im').exec(text)?.[1]

function count(messages: readonly TracedMessage[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { direction, name } of messages) {
    const key = `${direction === 'sent' ? 'in' : 'out'} ${name}`
    counts[key] = (counts[key] ?? 0) + 1
  }

  return counts
}

/** The text as ladders show it, without what a server notes in the top Via (RFC 3261 18.2.1, RFC 3581). */
function asSent(text: string): string {
  return masked(text)
    .trim()
    .split('\r\n')
    .map((line) => (/^via:/i.test(line) ? line.replace(/;(rport|received)(=[^;]*)?/g, '') : line))
    .join('\n')
}
