import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cdrs } from '../../../server/calls/cdr.ts'
import { until } from '../../harness/until.ts'

const call = (id: string, endedAt: string) => ({ endedAt, json: JSON.stringify({ id, endedAt }) })

describe('Call detail records', () => {
  let folder: string
  const problems: string[] = []
  const log = { error: (message: string) => problems.push(message) }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'baton-cdr-'))
    problems.length = 0
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are a line each, in the file of the day on which the call ended', async () => {
    const cdrs = new Cdrs(folder, log)
    cdrs.write([call('a', '2026-03-01T23:59:59.000Z'), call('b', '2026-03-02T00:00:01.000Z')])
    await cdrs.close()

    assert.deepEqual(readdirSync(folder), ['cdr-2026-03-01.jsonl', 'cdr-2026-03-02.jsonl'])
    assert.match(readFileSync(join(folder, 'cdr-2026-03-02.jsonl'), 'utf8'), /^\{"id":"b".*\}\n$/)
    assert.equal(cdrs.lost, 0)
  })

  it('that cannot be written wait, each once, and are lost when the process ends before the disk is back', async () => {
    mkdirSync(join(folder, 'cdr-2026-03-01.jsonl'))
    const cdrs = new Cdrs(folder, log)
    cdrs.write(['a', 'b', 'c'].map((id) => call(id, '2026-03-01T12:00:00.000Z')))
    await until('three records wait', () => assert.equal(cdrs.waiting, 3))
    cdrs.write([call('d', '2026-03-01T12:00:00.000Z')])
    await until('a fourth record waits', () => assert.equal(cdrs.waiting, 4))
    assert.equal(cdrs.lost, 0)
    await cdrs.close()
    assert.deepEqual([cdrs.waiting, cdrs.lost], [0, 4])

    assert.equal(problems.length, 2)
    assert.match(cdrs.problem ?? '', /cdr-2026-03-01\.jsonl: .*EISDIR/)
  })

  it('begin a line of their own after one that a crash or a full disk has cut off', async () => {
    const file = join(folder, 'cdr-2026-03-01.jsonl')
    writeFileSync(file, '{"id":"whole"}\n{"id":"ha')
    for (const id of ['a', 'b']) {
      const cdrs = new Cdrs(folder, log)
      cdrs.write([call(id, '2026-03-01T12:00:00.000Z')])
      await cdrs.close()
    }

    const [whole, half, ...lines] = readFileSync(file, 'utf8').split('\n')
    assert.deepEqual([whole, half], ['{"id":"whole"}', '{"id":"ha'])
    assert.deepEqual(
      lines.slice(0, -1).map((line) => (JSON.parse(line) as { id: string }).id),
      ['a', 'b'],
    )
    assert.deepEqual(problems, [])
  })

  it('can be written again as soon as the disk takes them, without a call that shows it', async () => {
    const file = join(folder, 'cdr-2026-03-01.jsonl')
    mkdirSync(file)
    const cdrs = new Cdrs(folder, log, { retryEveryMs: 10 })
    cdrs.write([call('a', '2026-03-01T12:00:00.000Z')])
    await until('the problem shows', () => assert.match(cdrs.problem ?? '', /EISDIR/))
    rmSync(file, { recursive: true })
    await until('the problem is over', () => assert.equal(cdrs.problem, undefined))
    cdrs.write([call('b', '2026-03-01T12:00:01.000Z')])
    await cdrs.close()

    assert.deepEqual(readdirSync(folder), ['cdr-2026-03-01.jsonl'])
    const ids = readFileSync(file, 'utf8').trim().split('\n')
    assert.deepEqual(
      ids.map((line) => (JSON.parse(line) as { id: string }).id),
      ['a', 'b'],
    )
    assert.deepEqual([cdrs.waiting, cdrs.lost], [0, 0])
  })
})
