import assert from 'node:assert/strict'

import type { LadderView } from '../../server/legs/views.ts'
import { increase, parseMetrics, total } from './metrics.ts'
import { parseTrace, Trace } from './sip-trace.ts'
import { unheard } from './told.ts'

const entry = (kind: string, text: string) =>
  `----------------------------------------------- 2026-11-22\t17:01:40.768154\t1795366900.768154\n${kind}:\n\n${text}\n`
const invite =
  'INVITE sip:a@b SIP/2.0\r\nVia: one\r\nVia: two\r\nCSeq: 1 INVITE\r\nSubject: long\r\n  line\r\n\r\nv=0\r\n'
const trying = 'SIP/2.0 100 Trying\r\nCSeq: 1 INVITE\r\n\r\n'
const ok = 'SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n'

describe('The test harness', () => {
  it('reads SIPp’s message log, and leaves out of the story what was only repeated', () => {
    const sent = entry('UDP message sent (90 bytes)', invite)
    const log =
      sent + sent + entry('UDP message received [40] bytes ', trying) + entry('TCP message received [40] bytes ', ok)
    const trace = new Trace(parseTrace(log))

    assert.deepEqual(trace.lines, ['> INVITE', '< 200 INVITE'])
    assert.equal(trace.all.length, 4)
    const [first] = trace.messages
    assert.ok(first)
    assert.deepEqual(first.headers('via'), ['one', 'two'])
    assert.equal(first.header('Subject'), 'long line')
    assert.equal(first.body, 'v=0\r\n')
    assert.equal(first.at, 1795366900.768154)
  })

  it('tells what a party did not expect from the rest of its log', () => {
    const surprise = `-----------------------------------------------\nUnexpected UDP message received:\n\n${ok}\n`
    const [first, second, third] = parseTrace(
      entry('UDP message received [40] bytes ', ok) + surprise + entry('UDP message sent (90 bytes)', invite),
    )

    assert.deepEqual([first?.isUnexpected, second?.isUnexpected, third], [true, false, undefined])
    assert.equal(first?.text, ok)
  })

  it('knows what was said again to a party that had gone, and nothing that it was never told', () => {
    const seen = new Trace(parseTrace(entry('UDP message received [40] bytes ', ok)))
    const shown = (direction: string, text: string) => ({ direction, text }) as LadderView['messages'][number]
    const ladder = { messages: [shown('out', ok), shown('out', ok), shown('out', trying), shown('in', invite)] }

    assert.deepEqual(
      unheard({ caller: seen }, ladder).all.map(({ text }) => text),
      [ok],
    )
  })

  it('reads an exposition, and tells what went up', () => {
    const before = parseMetrics('# HELP a b\n# TYPE a counter\na{x="1",y="2"} 3\n')
    const after = parseMetrics('a{y="2",x="1"} 5\nb 1\nc{z="q\\"}"} 0\n')

    assert.deepEqual(
      [...increase(before, after)],
      [
        ['a{x="1",y="2"}', 2],
        ['b', 1],
      ],
    )
    assert.equal(total(after, 'a'), 5)
    assert.deepEqual([...parseMetrics('a{x="1"} 1\na{x="2"} 2\n', ['x'])], [['a', 3]])
  })
})
