import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { endLine, headLine, JournalContent, viewLine } from '../../../server/recovery/journal-lines.ts'
import { JournalSchemas, journalSchemas } from '../../../server/recovery/journal-schemas.ts'
import { keptCall } from './kept-call.ts'

/** A journal of each schema that a release has written, as it was left by a crash. */
const journals = new URL('journals/', import.meta.url)
const textOf = (schema: number): string => readFileSync(new URL(`schema-${schema}.jsonl`, journals), 'utf8')
const withoutNumbers = (id: string) => ({ id, numbers: undefined })
const idsIn = (content: JournalContent): string[][] => [
  content.calls().map(({ id }) => id),
  content.ended().map(({ id }) => id),
]

describe('The lines of a journal', () => {
  it('of each schema up to the present one are there as a release wrote them, and are read', () => {
    const names = Array.from({ length: journalSchemas.present }, (_, at) => `schema-${at + 1}.jsonl`)
    assert.deepEqual(readdirSync(journals).sort(), names)
    for (let schema = 1; schema <= journalSchemas.present; schema++) {
      const content = new JournalContent()
      assert.equal(content.takeFile(textOf(schema)), undefined)
      assert.deepEqual(idsIn(content), [
        ['669f016b-1905-4e0b-a657-97d3370508e5'],
        ['8eed7161-c81a-4c0a-807c-651e70fe9e48'],
      ])
      assert.equal(content.broken, 0)
    }
  })

  it('of a schema before are upgraded step by step, those of one after are left alone', () => {
    const schemas = new JournalSchemas([
      ({ caller, ...call }) => ({ ...call, legs: { caller } }),
      ({ site, ...call }) => ({ ...call, node: `${String(site)} of schema 2` }),
    ])
    const { legs, node, ...rest } = keptCall('id')
    const second = { ...rest, legs, site: 'a' }
    const first = { ...rest, caller: legs.caller, site: 'b' }
    const line = (call: object) => `${JSON.stringify({ call: 'id', kept: call })}\n`
    const nodeOf = (schema: number, call: object): string | undefined => {
      const content = new JournalContent(schemas)
      content.takeFile(`${JSON.stringify({ journal: 'calls', schema, node })}\n${line(call)}`)

      return content.calls()[0]?.node
    }
    assert.equal(schemas.present, 3)
    assert.equal(nodeOf(1, first), 'b of schema 2')
    assert.equal(nodeOf(2, second), 'a of schema 2')
    assert.equal(nodeOf(3, keptCall('id')), 'one')
    for (const schema of [0, 4, 1.5]) assert.equal(nodeOf(schema, keptCall('id')), undefined)
    // A step that throws costs this call alone.
    assert.equal(new JournalSchemas([() => assert.fail('it is not there')]).callOf(first, 1), undefined)
  })

  it('of calls that end with their process have their last view, and none once they have ended', () => {
    const content = new JournalContent()
    const view = (id: string, trunk: string) => viewLine(id, JSON.stringify({ id, trunk, transfers: [] }))
    const lines = [
      view('a', 'first'),
      view('b', 'first'),
      view('a', 'last'),
      endLine(withoutNumbers('b'), '', '{}'),
      view('b', 'late'),
    ]
    assert.equal(content.takeFile([headLine('one'), ...lines.map((line) => line.join(''))].join('')), undefined)
    assert.deepEqual(content.views(), [{ id: 'a', trunk: 'last', transfers: [] }])
    assert.deepEqual([content.calls(), content.broken], [[], 0])
  })

  it('never throw, whatever bytes a file has', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }), (files) => {
        const content = new JournalContent()
        for (const bytes of files) content.takeFile(Buffer.from(bytes).toString('utf8'))
        assert.deepEqual(idsIn(content), [[], []])
      }),
    )
  })

  it('never throw, whatever JSON stands in the place of a call, a CDR, or a number', () => {
    const value = fc.jsonValue()
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value, value), { maxLength: 5 }), (rows) => {
        const lines = rows.flatMap(([kept, cdr, at, numbers], nth) => [
          `{"call":"a${nth}","kept":${JSON.stringify(kept)}}`,
          `{"end":"b${nth}","at":${JSON.stringify(at)},"numbers":${JSON.stringify(numbers)},"cdr":${JSON.stringify(cdr)}}`,
        ])
        const content = new JournalContent()
        content.takeFile(['{"journal":"calls","schema":1,"node":"n"}', ...lines, ''].join('\n'))
        assert.deepEqual(content.calls(), [])
        for (const { json } of content.ended()) assert.match(json, /^\{/)
      }),
    )
  })

  it('that a crash has cut off anywhere cost no call but the one of that line', () => {
    const whole = textOf(1)
    const lines = whole.split('\n')
    fc.assert(
      fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 20 }), (at, bytes) => {
        const content = new JournalContent()
        content.takeFile(whole.slice(0, at) + Buffer.from(bytes).toString('latin1').replaceAll('\n', ''))
        // The last call has a line, once two lines before it are whole.
        const isThere = at > lines.slice(0, 4).join('\n').length
        const [calls = [], ended = []] = idsIn(content)
        assert.equal(calls.includes('669f016b-1905-4e0b-a657-97d3370508e5'), isThere)
        assert.equal(ended.length, at > lines.slice(0, 3).join('\n').length ? 1 : 0)
      }),
    )
  })
})
