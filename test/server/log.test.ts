import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadSettings } from '../../config/index.ts'
import { createLog, lineOf as lineOfJson } from '../../server/log.ts'

// Characters that steer a terminal or hide text: C0, C1, DEL, and those that reverse the direction of text (Unicode TR 36).
const steering = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/

function lineOf(format: 'json' | 'pretty', message: string, fields: object): string {
  const { format: shape } = createLog({ ...loadSettings({ env: {} }).log, format })
  const entry = shape.transform({ level: 'info', [Symbol.for('level')]: 'info', message, ...fields })
  assert.ok(typeof entry === 'object')

  return String((entry as Record<symbol, unknown>)[Symbol.for('message')])
}

/** The line without the log's own colours. */
const withoutColours = (line: string): string => line.replace(/\x1b\[3[0-9]m|\x1b\[39m/g, '')

const outside = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\x1b]0;owned\x07', '\x9b31m', '\r\nerror forged', '\u202egnp.exe', 'sipcli\x7f'),
)

const isField = (name: string) => !['level', 'message', 'timestamp', '__proto__', 'splat'].includes(name)

describe('a log line', () => {
  for (const format of ['json', 'pretty'] as const) {
    it(`steers no terminal, whatever a peer calls itself (${format})`, () => {
      fc.assert(
        fc.property(outside, (name) => {
          const line = lineOf(format, 'call ended', { from: { name }, reasons: [name], error: new Error(name) })
          assert.doesNotMatch(withoutColours(line), steering)
        }),
      )
    })
  }

  it('has the message, stack and cause of an error wherever it stands', () => {
    const cause = new TypeError('the cause')
    const error = Object.assign(new Error('what broke', { cause }), { code: 'EPIPE' })
    for (const fields of [{ error }, { deep: { list: [1, { error }] } }, { reasons: [error] }]) {
      for (const format of ['json', 'pretty'] as const) {
        const line = lineOf(format, 'call ended', fields)
        for (const part of ['"message":"what broke"', '"stack":"Error: what broke', '"code":"EPIPE"', 'the cause']) {
          assert.ok(line.includes(part), `${part} is not in ${line}`)
        }
      }
    }
  })

  it('is the same whether its fields come as they are, or as JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string().filter(isField), fc.jsonValue()), outside, (more, name) => {
        const fields = { id: 'a', ...more, name }
        const timestamp = '2026-03-01T12:00:00.000Z'
        const entry = { level: 'info', message: 'call ended', timestamp, fields: JSON.stringify(fields) }
        const line = lineOf('json', entry.message, { ...fields, timestamp })
        assert.deepEqual(JSON.parse(lineOfJson(entry)), JSON.parse(line))
        assert.doesNotMatch(lineOfJson(entry), steering)
      }),
    )
  })

  it('escapes control characters, which JSON reads back', () => {
    const name = 'Zoë \x1b[31m\x9b\x7f\u202e東京'
    const { name: read } = JSON.parse(lineOf('json', 'call ended', { name })) as { name: string }

    assert.equal(read, name)
    assert.match(lineOf('pretty', 'call ended', { name }), /Zoë \\u001b\[31m\\u009b\\u007f\\u202e東京/)
  })
})
