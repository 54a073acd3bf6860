import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { CallSnapshot } from '../../../server/calls/call-view.ts'
import type { ObservedCall } from '../../../server/calls/observed-call.ts'
import { CallJournal } from '../../../server/recovery/call-journal.ts'
import { JournalFolder } from '../../../server/recovery/journal-folder.ts'
import { readRecords } from '../../../server/recovery/left-records.ts'
import { lostCdrs } from '../../../server/recovery/lost-cdrs.ts'
import { SmallDisk } from '../../harness/small-disk.ts'
import { until } from '../../harness/until.ts'
import { observedCall } from './kept-call.ts'

const log = { error: () => undefined, info: () => undefined }

function cdrOf(id: string, endedAt = '2026-11-28T10:00:00.000Z'): CallSnapshot {
  return { view: { id, endedAt }, json: JSON.stringify({ id, endedAt }) } as unknown as CallSnapshot
}

const idOf = (nth: number): string => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`

describe('The journal of calls', () => {
  let path: string
  let folder: JournalFolder

  beforeEach(async () => {
    path = mkdtempSync(join(tmpdir(), 'baton-journal-'))
    folder = new JournalFolder(path)
    assert.equal(await folder.lock(), undefined)
  })

  afterEach(() => {
    folder.unlock()
    rmSync(path, { recursive: true, force: true })
  })

  const opened = async (): Promise<CallJournal> => {
    const journal = new CallJournal(folder, 'node', log)
    await journal.begin()

    return journal
  }

  const kept = async (): Promise<Record<string, string>> => {
    const calls = (await folder.read(() => undefined)).calls() as unknown as { id: string; text: string }[]

    return Object.fromEntries(calls.map(({ id, text }) => [id, text]))
  }

  it('has the last state of each call that has not ended, whatever came in what order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(5), fc.constantFrom('changed', 'ended', 'turn'), fc.string({ maxLength: 5 })), {
          maxLength: 40,
        }),
        async (steps) => {
          const journal = await opened()
          const live = new Map<string, string>()
          const over = new Set<string>()
          for (const [nth, what, text] of steps) {
            const id = idOf(nth)
            if (what === 'turn') await new Promise(setImmediate)
            else if (over.has(id)) continue
            else if (what === 'changed') {
              live.set(id, text)
              journal.changed(observedCall(id, text))
            } else if (live.delete(id)) {
              over.add(id)
              journal.ended(observedCall(id), cdrOf(id))
            }
          }
          await journal.flushed()
          assert.deepEqual(await kept(), Object.fromEntries(live))
          assert.equal(journal.size, live.size)
          await journal.close()
          for (const file of await folder.files()) await folder.remove(file)
          await folder.lock()
        },
      ),
      { numRuns: 25 },
    )
  })

  it('begins a new file when one is full, and removes those that no call needs', async () => {
    const journal = await opened()
    const text = 'y'.repeat(1_000_000)
    for (let nth = 0; nth < 60; nth++) {
      journal.changed(observedCall(idOf(nth % 3), text))
      await journal.flushed()
    }
    await until('old files are gone', async () => {
      journal.changed(observedCall(idOf(0), text))
      await journal.flushed()

      return (await folder.files()).length <= 4
    })
    assert.deepEqual(Object.keys(await kept()).sort(), [idOf(0), idOf(1), idOf(2)])
    await journal.close()
  })

  it('passes over half a line, and sets a file of another schema aside, and one that cannot be read', async () => {
    const journal = await opened()
    journal.changed(observedCall(idOf(1), 'whole'))
    await journal.close()
    appendFileSync(folder.pathOf(1), `{"call":"${idOf(2)}","kept":{"id":"ha`)
    writeFileSync(folder.pathOf(2), '{"journal":"calls","schema":99,"node":"n"}\n{"call":"x","kept":{}}\n')
    writeFileSync(folder.pathOf(3), '{"journal":"ca')
    mkdirSync(folder.pathOf(4))
    const unread: unknown[] = []
    const content = await folder.read((file, why) => unread.push([file, why]))
    assert.deepEqual(
      content.calls().map(({ id }) => id),
      [idOf(1)],
    )
    assert.equal(content.broken, 2)
    assert.deepEqual(unread, [
      [`${folder.pathOf(2)}.unread`, 'its schema is 99'],
      [`${folder.pathOf(4)}.unread`, 'EISDIR: illegal operation on a directory, read'],
    ])
    assert.ok(readdirSync(path).includes('calls-000002.jsonl.unread'))
    assert.ok(readdirSync(path).includes('calls-000004.jsonl.unread'))
  })

  it('is one process’s: another one that runs keeps it, one that has ended does not', async () => {
    const other = new JournalFolder(path)
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.ppid, began: beginning(process.ppid) }))
    assert.equal(await other.lock(0), process.ppid)
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.ppid, began: '1' }))
    assert.equal(await other.lock(0), undefined)
    other.unlock()
  })

  it('says that the disk takes nothing, goes on, and writes all calls anew when it is back', async () => {
    const journal = await opened()
    journal.changed(observedCall(idOf(1), 'before'))
    await journal.flushed()
    rmSync(path, { recursive: true })
    // The open file still takes what is written: the next one cannot be made.
    journal.changed(observedCall(idOf(2), 'z'.repeat(9_000_000)))
    await journal.flushed()
    journal.changed(observedCall(idOf(1), 'meanwhile'))
    await until('the fault is told', () => journal.problem !== undefined)
    assert.ok(journal.errors > 0)
    await folder.lock()
    await until('it is well', () => journal.problem === undefined)
    assert.deepEqual(Object.keys(await kept()).sort(), [idOf(1), idOf(2)])
    assert.equal((await kept())[idOf(1)], 'meanwhile')
    await journal.close()
  })

  it('tries a disk that takes nothing once a second, however many calls are up, in one file', async () => {
    const journal = await opened()
    for (let nth = 0; nth < 200; nth++) journal.changed(observedCall(idOf(nth), 'a'))
    await journal.flushed()
    rmSync(path, { recursive: true })
    journal.changed(observedCall(idOf(0), 'z'.repeat(9_000_000)))
    await journal.flushed()
    journal.changed(observedCall(idOf(1), 'b'))
    await until('the fault is told', () => journal.problem !== undefined)
    const { errors } = journal
    let asked = 0
    const counted = { id: idOf(2), keep: () => (asked += 1) && undefined } as unknown as ObservedCall
    for (let turn = 0; turn < 100; turn++) {
      journal.changed(counted)
      await new Promise(setImmediate)
    }
    assert.equal(asked, 0)
    await until('it is tried again', () => journal.errors > errors)
    assert.equal(journal.errors, errors + 1)
    await folder.lock()
    await until('it is well', () => journal.problem === undefined)
    assert.equal((await folder.files()).length, 1)
    assert.equal(Object.keys((await folder.read(() => undefined)).calls()).length, 200)
    await journal.close()
  })

  it('goes on in another file once a full disk has room again: half a line in the middle costs no call', async function () {
    const disk = SmallDisk.mount(1024)
    if (!disk) {
      this.skip()
    }
    const small = new JournalFolder(join(disk.path, 'calls'))
    try {
      await small.lock()
      const journal = new CallJournal(small, 'node', log)
      await journal.begin()
      const first = observedCall(idOf(1), 'before')
      journal.changed(first)
      await journal.flushed()
      disk.fill()
      for (let nth = 2; nth < 40; nth++) journal.changed(observedCall(idOf(nth), 'y'.repeat(1000)))
      await journal.flushed()
      assert.match(journal.problem ?? '', /ENOSPC/)
      assert.equal(journal.errors, 1)
      // What a crash would leave now.
      const cutOff = await small.read(() => assert.fail('a file is not read'))
      assert.ok(cutOff.calls().some(({ id }) => id === idOf(1)))
      assert.equal(cutOff.broken, 1)
      first.text = 'meanwhile'
      journal.changed(first)
      journal.ended(observedCall(idOf(2)), cdrOf(idOf(2)))
      disk.free()
      await until('it is well', () => journal.problem === undefined)
      await journal.close()
      const content = await small.read(() => assert.fail('a file is not read'))
      const texts = new Map(content.calls().map((call) => [call.id, (call as unknown as { text: string }).text]))
      assert.equal(texts.size, 38)
      assert.equal(texts.get(idOf(1)), 'meanwhile')
      assert.equal(texts.has(idOf(2)), false)
      assert.equal(content.broken, 0)
    } finally {
      small.unlock()
      disk.unmount()
    }
  })

  it('says that a disk hangs, holds up nothing, and writes all calls anew when it answers', async function () {
    this.timeout(30_000)
    const journal = new CallJournal(folder, 'node', log, { maxWriteMs: 200 })
    await journal.begin()
    // To open a pipe that none reads takes until one does, as a file of a network disk that is away.
    execFileSync('mkfifo', [folder.pathOf(2)])
    const first = observedCall(idOf(1), 'z'.repeat(9_000_000))
    journal.changed(first)
    await journal.flushed()
    first.text = 'a'
    journal.changed(first)
    await until('the fault is told', () => journal.problem !== undefined)
    assert.match(journal.problem ?? '', /does not take what is written/)
    assert.equal(journal.errors, 0)
    journal.changed(observedCall(idOf(2), 'b'))
    await until('it is counted', () => journal.errors > 0)
    const reader = createReadStream(folder.pathOf(2))
    reader.resume()
    await until('it is well', () => journal.problem === undefined)
    reader.destroy()
    rmSync(folder.pathOf(2), { force: true })
    assert.deepEqual(await kept(), { [idOf(1)]: 'a', [idOf(2)]: 'b' })
    await journal.close()
  })

  it('begins where the folder cannot be used, says so, and writes all calls once it can', async () => {
    folder.unlock()
    rmSync(path, { recursive: true })
    writeFileSync(path, 'a file in the place of the folder')
    const journal = await opened()
    assert.match(journal.problem ?? '', /EEXIST|ENOTDIR/)
    assert.equal(journal.errors, 1)
    journal.changed(observedCall(idOf(1), 'a'))
    rmSync(path)
    await until('it is well', () => journal.problem === undefined)
    await journal.flushed()
    assert.deepEqual(await kept(), { [idOf(1)]: 'a' })
    await journal.close()
  })

  it('that hangs at the start holds up nothing, and what it has is given up', async () => {
    // To read a pipe that none writes takes until one does, as a file of a network disk that is away.
    execFileSync('mkfifo', [folder.pathOf(1)])
    const left = await readRecords(folder, path, log, 100)
    assert.deepEqual(left, { calls: [], ended: [], lost: [], isNew: true })
    writeFileSync(folder.pathOf(1), '')
    const journal = await opened()
    journal.changed(observedCall(idOf(1), 'a'))
    await journal.flushed()
    assert.deepEqual(await kept(), { [idOf(1)]: 'a' })
    assert.equal(journal.problem, undefined)
    await journal.close()
  })

  it('has the CDRs of calls that ended last: those that are not written are found', async () => {
    const journal = await opened()
    const ids = [idOf(1), idOf(2), idOf(3)]
    for (const id of ids) journal.changed(observedCall(id))
    await journal.flushed()
    journal.ended(observedCall(idOf(1)), cdrOf(idOf(1), '2026-11-28T09:00:00.000Z'))
    for (const id of ids.slice(1)) journal.ended(observedCall(id), cdrOf(id))
    await journal.close()
    const ended = (await folder.read(() => undefined)).ended()
    writeFileSync(join(path, 'cdr-2026-11-28.jsonl'), `${JSON.stringify({ id: idOf(2) })}\n`)
    const lost = await lostCdrs(path, ended)
    assert.deepEqual(
      lost.map(({ id }) => id),
      [idOf(3)],
    )
    assert.deepEqual(JSON.parse(lost[0]?.json ?? ''), { id: idOf(3), endedAt: '2026-11-28T10:00:00.000Z' })
    // The disk took no CDR for an hour: the last one that it took says since when they are missed.
    const early = JSON.stringify({ id: idOf(9), endedAt: '2026-11-28T08:59:59.000Z' })
    writeFileSync(join(path, 'cdr-2026-11-28.jsonl'), `${early}\n`)
    assert.deepEqual(
      (await lostCdrs(path, ended)).map(({ id }) => id),
      ids,
    )
  })
})

function beginning(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')

  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
