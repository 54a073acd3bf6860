import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155552671'
/** Of Baton's own: the BYEs' transactions, what is closed after them, and the last writes. */
const afterDeadlineMs = 4000 + 1000 + 2 * 500
/** What a busy machine takes to notice that a process has ended, and a drachtio server to be told. */
const graceMs = 2500

for (const stack of stacks) {
  describe(`A process that is to stop (${stack.name})`, function () {
    this.timeout(120_000)
    let baton: Baton
    let callers: Crowd
    let agents: Crowd
    let others: Crowd | undefined

    const start = async (env: Record<string, string> = {}, losesByeOf?: (nth: number) => boolean) => {
      baton = await Baton.start({ stack, env: { DRAIN_DEADLINE: '1', ...env } })
      callers = await Crowd.open(losesByeOf)
      agents = await Crowd.open(losesByeOf)
      await baton.project({
        project: 'stopping',
        environments: { live: { numbers: [number], agents: [agents.uri] } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: 'sip:desk@127.0.0.1:9' }] },
      })
    }

    /** Its exit code, and how long after the drain deadline it came. */
    const terminated = async () => {
      const from = performance.now()
      const code = await baton.terminate()

      return { code, late: performance.now() - from - 1000 }
    }

    const records = async () => {
      const folder = join(baton.dataDir, 'cdr')
      const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))

      return texts
        .join('')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as CallView)
    }

    afterEach(async () => {
      callers.close()
      agents.close()
      others?.close()
      others = undefined
      await baton.stop()
    })

    it('gives every caller and agent of 2,000 calls its BYE at the deadline, and again where one is lost', async () => {
      const count = stack.name === 'embedded' ? 2000 : 400
      await start({}, (nth) => nth % 5 === 0)
      await callers.call(count, number, baton.sip())
      assert.deepEqual([callers.answered.size, agents.answered.size, callers.refused.size], [count, count, 0])
      const { code, late } = await terminated()
      assert.deepEqual([code, callers.released.size, agents.released.size], [0, count, count])
      assert.ok(callers.repeated >= count / 5, `${callers.repeated} BYEs came again`)
      assert.ok(late < afterDeadlineMs + graceMs, `${late} ms after the deadline`)
      const ended = await records()
      assert.deepEqual([ended.length, new Set(ended.map(({ reason }) => reason))], [count, new Set(['shutdown'])])
    })

    it('waits no longer than that for a party that never answers its BYE', async () => {
      await start({}, () => true)
      await callers.call(1, number, baton.sip())
      callers.close()
      callers = await Crowd.open()
      const { code, late } = await terminated()
      assert.ok(late < afterDeadlineMs + graceMs, `${late} ms after the deadline`)
      assert.equal(code, 0)
      assert.equal((await records()).length, 1)
    })

    it('ends though its log is read by no program', async () => {
      await start({ LOG_LEVEL: 'debug' })
      await callers.call(2, number, baton.sip())
      baton.stopReading()
      others = await Crowd.open()
      await others.call(400, '+14155550000', baton.sip())
      assert.equal(others.refused.size, 400)
      const { late } = await terminated()
      assert.ok(late < afterDeadlineMs + graceMs, `${late} ms after the deadline`)
      assert.deepEqual([callers.released.size, agents.released.size], [2, 2])
      assert.equal((await records()).length, 402)
    })

    it('ends though its disk hangs, with a BYE for every party', async () => {
      await start()
      await callers.call(2, number, baton.sip())
      // A FIFO that is opened and never read takes 64 KB, and then every write waits.
      const path = join(baton.dataDir, 'cdr', `cdr-${new Date().toISOString().slice(0, 10)}.jsonl`)
      await mkdir(join(baton.dataDir, 'cdr'), { recursive: true })
      execFileSync('mkfifo', [path])
      const fifo = await open(path, constants.O_RDWR)
      others = await Crowd.open()
      await others.call(400, '+14155550000', baton.sip())
      const { late } = await terminated()
      await fifo.close()
      assert.ok(late < afterDeadlineMs + graceMs, `${late} ms after the deadline`)
      assert.deepEqual([callers.released.size, agents.released.size], [2, 2])
    })

    it('after an exception that nothing caught drains as at SIGTERM, and exits with 1', async () => {
      const module = new URL('../harness/throws-later.mjs', import.meta.url).href
      await start({ NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${module}` })
      await callers.call(1, number, baton.sip())
      const from = performance.now()
      const exited = baton.exited()
      process.kill(baton.pid, 'SIGUSR2')
      const { error } = await baton.logged('uncaught exception')
      const { message, stack: trace } = error as { message: string; stack: string }
      assert.equal(message, 'an exception that a test has thrown')
      assert.match(trace, /throws-later/)
      assert.equal(await exited, 1)
      assert.ok(performance.now() - from < 1000 + afterDeadlineMs + graceMs)
      assert.deepEqual([callers.released.size, agents.released.size], [1, 1])
    })

    it('exits at once, with 1, at a second signal', async () => {
      await start({ DRAIN_DEADLINE: '600' })
      await callers.call(1, number, baton.sip())
      const exited = baton.exited()
      process.kill(baton.pid, 'SIGTERM')
      await baton.logged('stopping: new calls get 503')
      process.kill(baton.pid, 'SIGTERM')
      assert.equal(await exited, 1)
    })
  })
}
