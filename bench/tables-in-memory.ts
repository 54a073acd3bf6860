/**
 * A process of its own: the routing of a Baton with 100,000 numbers and 10,000 handoffs in ten projects, in files. Prints, on
 * the standard error, what looking up a number takes, and for each change of a table the longest turn of the event loop. A
 * turn is measured by the processor time of its thread where the system tells it (Linux), so that other work of the machine
 * counts for little.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { FileStore, Routing } from '../routes/index.ts'

const projects = 10
const numbersEach = 10_000
const handoffsEach = 1000
const lookUps = 100_000
const rounds = 5
/** Milliseconds between two polls of the store: none comes between the steps of the first Baton. */
const neverInterval = 3_600_000
const followInterval = 50
const actor = { who: 'bench', from: 'bench' }
/** The trunk that every handoff is checked for, as in a Baton that runs. */
const sipSetup = { trunks: [{ name: 'bench', gateways: ['sip:127.0.0.1:5080'] }] }

const folder = mkdtempSync(join(tmpdir(), 'baton-bench-tables-'))
const turns = watchTurns()
const first = await open('first', neverInterval)
for (let i = 0; i < projects; i++) await publishAndPromote(first, i)

const lookUpMicroseconds = lookUpTime(first, '+')
const lookUpWithoutPlusMicroseconds = lookUpTime(first, '')
const longestTurnMs: Record<string, number> = {}
for (let round = 0; round < rounds; round++) {
  const source = sourceOf(0, `changed ${round}`)
  await measured('import', () => first.putProject(nameOf(0), source, actor))
  await measured('publication', () => first.publish(nameOf(0), actor))
  await measured('promotion', () => first.promote(nameOf(0), 'live', { version: 2 + round }, actor))
  await measured('rollback', () => first.rollback(nameOf(0), 'live', actor))
  await measured('lint', () => first.lint(nameOf(0)))
}
const startSeconds = await measuredStart()
process.stderr.write(
  `${JSON.stringify({ lookUpMicroseconds, lookUpWithoutPlusMicroseconds, startSeconds, longestTurnMs })}\n`,
)
await first.close()
rmSync(folder, { recursive: true, force: true })
process.exit(0)

async function open(name: string, pollInterval: number): Promise<Routing> {
  const store = await FileStore.open({ dir: join(folder, 'routes') })

  return Routing.open({ store, lastGoodDir: join(folder, name), pollInterval, sipSetup })
}

/** Another Baton on the same store, without copies of its own, reads and compiles everything; then it follows a promotion. */
async function measuredStart(): Promise<number> {
  const began = threadMs()
  const second = await open('second', followInterval)
  const seconds = (threadMs() - began) / 1000
  for (let round = 0; round < rounds; round++) {
    await measured('followed', async () => {
      const followed = once(second, 'changed')
      await first.promote(nameOf(0), 'live', { version: 2 + round }, actor)
      await followed
    })
  }
  await second.close()

  return seconds
}

async function publishAndPromote(routing: Routing, i: number): Promise<void> {
  await routing.putProject(nameOf(i), sourceOf(i, 'first'), actor)
  await routing.publish(nameOf(i), actor)
  await routing.promote(nameOf(i), 'live', { version: 1 }, actor)
}

function nameOf(i: number): string {
  return `hotel-${i}`
}

function sourceOf(i: number, description: string): { text: string; type: 'json' } {
  const handoffs = Array.from({ length: handoffsEach }, (_, k) => ({
    name: `desk-${k}`,
    description: k % 100 === 0 ? description : `Desk ${k}`,
    default: k === 0,
    method: 'invite',
    route: `sip:+1415${String(5_550_000 + k)}@pbx.example.com;user=phone`,
    headers: { 'X-Account': '$account', 'X-Desk': `desk ${k}` },
    ...(k > 0 && { on_failure: [`desk-${k % 10 === 0 ? 0 : k - 1}`] }),
  }))
  const numbers = Array.from({ length: numbersEach }, (_, k) => numberOf(i * numbersEach + k))
  const live = { numbers, agents: ['sip:agent@127.0.0.1:5070'] }
  const file = { project: nameOf(i), request_variables: ['account'], environments: { live }, table: { handoffs } }

  return { text: JSON.stringify(file), type: 'json' }
}

function numberOf(i: number): string {
  return `+1415${2_000_000 + i}`
}

/** Microseconds of processor time that one number takes; `plus` is how the trunk writes it. */
function lookUpTime(routing: Routing, plus: '+' | ''): number {
  const began = threadMs()
  for (let i = 0; i < lookUps; i++) {
    const dialled = `${plus}${numberOf(i % (projects * numbersEach)).slice(1)}`
    if (!routing.findNumber(dialled)) throw new Error(`${dialled} reaches no project`)
  }

  return ((threadMs() - began) * 1000) / lookUps
}

/** The longest turn of the round that did best: another one may have had a collection of the heap in it. */
async function measured(step: string, work: () => Promise<unknown>): Promise<void> {
  await settled()
  turns.longestMs = 0
  await work()
  await settled()
  longestTurnMs[step] = Math.min(longestTurnMs[step] ?? Infinity, turns.longestMs)
}

/** What a change leaves to be written is written. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200))
}

function watchTurns(): { longestMs: number } {
  const watched = { longestMs: 0 }
  let last = threadMs()
  const turn = (): void => {
    const now = threadMs()
    watched.longestMs = Math.max(watched.longestMs, now - last)
    last = now
    setImmediate(turn)
  }
  setImmediate(turn)

  return watched
}

/** Processor time of this thread in milliseconds; the clock's where the system does not tell it. */
function threadMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}
