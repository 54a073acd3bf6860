import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditFiles } from '../../server/audit/audit-store.ts'
import { Audit, type NewAuditEntry } from '../../server/audit/index.ts'
import { until } from '../harness/until.ts'

const entry = (action: string): NewAuditEntry => ({
  ...{ at: '2026-03-02T10:00:00.000Z', who: 'ann', kind: 'account', from: '127.0.0.1', action, result: 'done' },
})

describe('the history of changes on a disk', () => {
  let dir: string
  let logged: [message: string, fields: object | undefined][]
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message: string, fields?: object) => logged.push([message, fields]),
  }
  const open = () => new Audit(new AuditFiles(join(dir, 'audit')), log, undefined, { retryMs: 5 })
  const actions = async (audit: Audit) => {
    const found: string[] = []
    for await (const { action } of audit.find({})) found.push(action)

    return found
  }
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-audit-'))
    logged = []
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('is read whole by pages, also of a clock that was set back', async () => {
    const audit = open()
    const started = Date.parse('2026-03-02T10:00:00.000Z')
    for (let n = 0; n < 12; n++) {
      // An hour back after the fifth, and each entry a moment after the one before.
      const at = new Date(started + n * 1000 - (n > 5 ? 3_600_000 : 0)).toISOString()
      audit.record({ ...entry(`change ${n}`), at })
    }
    const found: string[] = []
    for (let cursor: string | undefined, more = true; more;) {
      more = false
      let taken = 0
      for await (const { id, action } of audit.find({}, cursor)) {
        found.push(action)
        cursor = id
        more = ++taken === 5
        if (more) break
      }
    }
    assert.deepEqual(
      found,
      Array.from({ length: 12 }, (_, n) => `change ${11 - n}`),
    )
    await audit.close()
  })

  it('waits while the disk takes nothing, says so once, and is written in order when it does again', async () => {
    await writeFile(join(dir, 'audit'), 'no folder')
    const audit = open()
    for (const action of ['one', 'two', 'three']) audit.record(entry(action))
    await until('the problem is known', () => audit.problem !== undefined)
    assert.match(audit.problem ?? '', /EEXIST|ENOTDIR/)
    await rm(join(dir, 'audit'))
    await until('the entries are written', () => audit.problem === undefined)
    assert.deepEqual(await actions(audit), ['three', 'two', 'one'])
    assert.equal(audit.lost, 0)
    assert.deepEqual(
      logged.map(([message]) => message),
      ['the history of changes cannot be written; its entries wait'],
    )
    await audit.close()
  })

  it('loses what there is no room for, and what waits at a stop; the log has it', async () => {
    await writeFile(join(dir, 'audit'), 'no folder')
    const audit = open()
    for (let n = 0; n < 1003; n++) audit.record(entry(`change ${n}`))
    assert.equal(audit.lost, 3)
    await audit.close()
    assert.equal(audit.lost, 1003)
    const lost = logged.flatMap(([, fields]) => (fields as { entry?: NewAuditEntry }).entry?.action ?? [])
    assert.equal(new Set(lost).size, 1003)
  })

  it('leaves out the line that a crash has cut off, and no other', async () => {
    const before = open()
    before.record(entry('one'))
    await before.close()
    await appendFile(join(dir, 'audit', 'audit-1.jsonl'), '{"id":"x","at":"2026')
    const audit = open()
    audit.record(entry('two'))
    assert.deepEqual(await actions(audit), ['two', 'one'])
    await audit.close()
  })
})
