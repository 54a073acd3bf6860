import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LadderMemory } from '../../../server/calls/ladders.ts'
import { CallHistory, type CallFilter } from '../../../server/history/index.ts'
import { until } from '../../harness/until.ts'
import { endedCall, keep, ladderOf, momentOf, startOfDay } from './records.ts'

const megabyte = 1_048_576
const nothing = new Set<string>()

describe('the call history', () => {
  let folder: string
  let problems: string[]
  const opened: CallHistory[] = []
  const open = (limits = { days: 30, bytes: 100 * megabyte }, options = {}): CallHistory => {
    const note = (message: string) => void problems.push(message)
    const history = new CallHistory(join(folder, 'history'), limits, { error: note, warn: note }, options)
    opened.push(history)

    return history
  }
  const ids = async (history: CallHistory, filter: CallFilter = {}, limit = 100): Promise<string[]> => {
    const found = await history.search({ filter, limit, except: nothing })

    return found.map(({ summary }) => summary.id)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'baton-history-'))
    problems = []
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((history) => history.close()))
    rmSync(folder, { recursive: true, force: true })
  })

  it('has a call with its transfers, evidence and ladder, from its end on and after a restart', async () => {
    const call = endedCall(1)
    const ladder = ladderOf(call)
    const history = open()
    history.add(call.id, ladder, momentOf(call))
    const check = async (from: CallHistory): Promise<void> => {
      const kept = await from.find('call-1')
      assert.deepEqual(await kept?.view(), call)
      assert.deepEqual(await kept?.ladder(), ladder.view())
      assert.equal(await from.find('call-2'), undefined)
    }
    await check(history)
    await history.flush()
    await check(history)
    await history.close()
    await check(open())
    assert.deepEqual(problems, [])
  })

  it('writes nothing before a call has settled, and then by itself', async () => {
    const history = open(undefined, { settleMs: 0 })
    history.add('call-1', ladderOf(endedCall(1)), momentOf(endedCall(1)))
    assert.equal(history.counts.calls, 0)
    await until('the call is written', () => history.counts.calls === 1)
  })

  it('finds calls in the order in which they began, also those that lasted for longer than a segment', async () => {
    const history = open()
    await keep(history, [endedCall(5), endedCall(6)])
    await history.close()
    const next = open()
    await keep(next, [endedCall(1), endedCall(7)])

    assert.deepEqual(await ids(next), ['call-7', 'call-6', 'call-5', 'call-1'])
    assert.deepEqual(await ids(next, {}, 2), ['call-7', 'call-6'])
  })

  it('goes on after a place, while calls come', async () => {
    const history = open()
    await keep(
      history,
      Array.from({ length: 50 }, (_, number) => endedCall(number)),
    )
    const seen: string[] = []
    let after: { startedAt: number; id: string } | undefined
    for (;;) {
      const page = await history.search({ filter: {}, after, limit: 20, except: nothing })
      seen.push(...page.map(({ summary }) => summary.id))
      after = page.at(-1)?.summary
      if (page.length < 20) break
      await keep(history, [endedCall(100 + seen.length)])
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 50 }, (_, at) => `call-${49 - at}`),
    )
  })

  it('shows an amended call once, as it is now', async () => {
    const history = open()
    await keep(history, [endedCall(1)])
    const amended = endedCall(1, { reason: 'amended' })
    history.add('call-1', ladderOf(amended), momentOf(amended), true)
    for (const written of [false, true]) {
      if (written) await history.flush()
      assert.deepEqual(await ids(history), ['call-1'])
      assert.deepEqual(await ids(history, { reason: 'hangup' }), [])
      assert.equal((await (await history.find('call-1'))?.view())?.reason, 'amended')
    }
  })

  it('keeps the messages of a ladder whose memory is needed before the call is written', async () => {
    const memory = new LadderMemory({ perCall: 100_000, total: 1_000_000 })
    const call = endedCall(1)
    const ladder = ladderOf(call, memory)
    const shown = ladder.view()
    const history = open()
    memory.onClear = (cleared) => history.ladderCleared(cleared)
    history.add(call.id, ladder, momentOf(call))
    memory.forget(ladder)
    assert.deepEqual(ladder.view().messages, [])
    for (const written of [false, true]) {
      if (written) await history.flush()
      assert.deepEqual(await (await history.find(call.id))?.ladder(), shown)
    }
  })

  it('masks the credentials of messages before they are on the disk', async () => {
    const call = endedCall(1)
    const ladder = ladderOf(call)
    const text = 'BYE sip:x SIP/2.0\r\nAuthorization: Digest response="0123456789abcdef"\r\n\r\n'
    ladder.add('caller', {
      ...{ at: startOfDay, direction: 'in', transport: 'udp', local: '192.0.2.9:5060', remote: '192.0.2.1:5060' },
      ...{ callId: 'a', method: 'BYE', status: undefined, text },
    })
    const history = open()
    history.add(call.id, ladder, momentOf(call))
    await history.flush()
    const { messages } = (await (await history.find(call.id))?.ladder()) ?? { messages: [] }
    assert.match(messages.at(-1)?.text ?? '', /response="\*\*\*"/)
  })

  it('leaves out a record that a crash has cut off, and calls whose block is damaged', async () => {
    const history = open()
    await keep(history, [endedCall(1)])
    await history.close()
    const [calls = '', index = ''] = readdirSync(join(folder, 'history')).map((name) => join(folder, 'history', name))
    appendFileSync(index, '{"startedAt":17723232')
    const again = open()
    assert.deepEqual(await ids(again), ['call-1'])
    await keep(again, [endedCall(2)])
    assert.deepEqual(await ids(again), ['call-2', 'call-1'])
    await again.close()

    truncateSync(calls, statSync(calls).size - 1)
    const damaged = await open().find('call-1')
    assert.equal((await damaged?.view())?.id, 'call-1')
    await assert.rejects(async () => damaged?.ladder(), /damaged/)
  })

  it('goes on while the disk does not take calls: they are counted, and the reason is logged once', async () => {
    writeFileSync(join(folder, 'history'), 'no folder')
    const history = open()
    for (const number of [1, 2, 3]) {
      history.add(`call-${number}`, ladderOf(endedCall(number)), momentOf(endedCall(number)))
      await history.flush()
    }
    assert.equal(history.counts.lost, 3)
    assert.match(history.problem ?? '', /EEXIST|ENOTDIR/)
    assert.deepEqual(problems, ['ended calls cannot be kept; check DATA_DIR/history'])

    rmSync(join(folder, 'history'))
    await keep(history, [endedCall(4)])
    assert.deepEqual(await ids(history), ['call-4'])
    assert.equal(history.problem, undefined)
    assert.deepEqual(history.counts.lost, 3)
  })

  it('gets well by itself as soon as the disk takes calls again, without a call that shows it', async () => {
    writeFileSync(join(folder, 'history'), 'no folder')
    const history = open(undefined, { retryMs: 5 })
    history.add('call-1', ladderOf(endedCall(1)), momentOf(endedCall(1)))
    await history.flush()
    assert.ok(history.problem)
    rmSync(join(folder, 'history'))
    await until('the history is well', () => history.problem === undefined)
  })

  it('loses calls rather than memory when the disk hangs', () => {
    const history = open(undefined, { maxPending: 2 })
    for (const number of [1, 2, 3]) {
      history.add(`call-${number}`, ladderOf(endedCall(number)), momentOf(endedCall(number)))
    }
    assert.equal(history.counts.lost, 1)
  })

  it('deletes the oldest calls beyond its bound in bytes', async () => {
    const history = open({ days: 30, bytes: 200_000 })
    for (let block = 0; block < 60; block++) {
      await keep(
        history,
        Array.from({ length: 32 }, (_, at) => endedCall(block * 32 + at)),
      )
    }
    assert.ok(history.counts.bytes <= 200_000, `${history.counts.bytes} bytes`)
    const found = await ids(history, {}, 10_000)
    assert.equal(found[0], 'call-1919')
    assert.ok(found.length > 100 && found.length < 1920, `${found.length} calls`)
    assert.equal(await history.find('call-0'), undefined)
  })

  it('deletes calls beyond its bound in days', async () => {
    const history = open()
    await keep(history, [endedCall(1)])
    await history.close()
    const old = new Date(Date.now() - 8 * 86_400_000)
    for (const name of readdirSync(join(folder, 'history'))) utimesSync(join(folder, 'history', name), old, old)
    assert.deepEqual(await ids(open({ days: 7, bytes: megabyte })), [])
    assert.deepEqual(readdirSync(join(folder, 'history')), [])
  })

  it('costs no other call its record when the view of one cannot be made', async () => {
    const history = open()
    const broken = {
      get view(): never {
        throw new Error('no view')
      },
      get json(): never {
        throw new Error('no view')
      },
    }
    history.add('call-1', ladderOf(endedCall(1)), broken)
    assert.deepEqual(await ids(history), [])
    await keep(history, [endedCall(2)])
    assert.deepEqual(await ids(history), ['call-2'])
    assert.equal(history.counts.lost, 1)
  })
})
