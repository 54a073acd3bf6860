import type { Endpoint } from '../../engine/index.ts'
import { Chance } from './chance.ts'
import { corpus } from './corpus.ts'
import { EngineSubject } from './engine-subject.ts'
import { FarSide } from './far-side.ts'
import { mutate } from './mutate.ts'
import { sameAgain } from './same-again.ts'
import { ServerSubject } from './server-subject.ts'
import type { Sent } from './network.ts'
import type { Subject } from './subject.ts'

export interface FuzzOptions {
  seed: number
  messages: number
  /** Told now and then how far it is. */
  progress?: (done: number) => void
}

/** A message after which something was wrong: the same seed leads to it again. */
export class Found extends Error {
  constructor(what: unknown, where: { seed: number; subject: string; number: number; message: string }) {
    const told = what instanceof Error ? (what.stack ?? what.message) : String(what)
    const { seed, subject, number, message } = where
    super(
      `${subject}, seed ${seed}, message ${number}: ${told}\nThe message, as a JSON string:\n${JSON.stringify(message)}`,
    )
    this.name = 'Found'
  }
}

export interface FuzzResult {
  messages: number
  /** What came back: answers, and what follows from them. */
  sent: number
  seconds: number
  /** Megabytes on the heap when a tenth was done and at the end; undefined when garbage is not to be collected on demand. */
  heap: [early: number, late: number] | undefined
}

const strangers: readonly Endpoint[] = [
  { address: '127.0.0.1', port: 5090 },
  { address: '127.0.0.1', port: 5091 },
  { address: '127.0.0.2', port: 5060 },
  { address: '192.0.2.1', port: 1 },
]
/** Messages between two turns of the event loop. */
const turn = 200
/** One message in so many goes through the whole call path. */
const serverShare = 0.2

/**
 * Feeds mutated messages to the engine and to the whole call path, with calls going on. Rejects with `Found` when an exception
 * escaped, or was caught as a defect, or when something is left once all calls have ended.
 */
export async function fuzz({ seed, messages, progress }: FuzzOptions): Promise<FuzzResult> {
  const started = performance.now()
  const chance = new Chance(seed)
  const seeds = corpus()
  const forgetSeed = sameAgain(seed)
  const rejected: unknown[] = []
  const note = (error: unknown): void => void rejected.push(error)
  process.on('unhandledRejection', note)
  const engine = await Trial.open('engine', chance, seeds)
  const server = await Trial.open('server', chance, seeds)
  let heapEarly: number | undefined
  try {
    for (let number = 1; number <= messages; number++) {
      const trial = chance.is(serverShare) ? server : engine
      trial.step()
      // What the server does next is in promises.
      if (trial === server) await Promise.resolve()
      const what = rejected[0] ?? trial.wrong
      if (what !== undefined) throw trial.found(what, seed, number)
      if (number % turn === 0) await new Promise((resolve) => setImmediate(resolve))
      if (number % 50_000 === 0) progress?.(number)
      if (number === Math.ceil(messages / 10)) heapEarly = heap()
    }
    const heapLate = heap()
    for (const trial of [engine, server]) {
      const what = await trial.windUp()
      if (what !== undefined) throw trial.found(what, seed, messages)
    }

    return {
      messages,
      sent: engine.sent + server.sent,
      seconds: (performance.now() - started) / 1000,
      heap: heapEarly === undefined || heapLate === undefined ? undefined : [heapEarly, heapLate],
    }
  } finally {
    process.off('unhandledRejection', note)
    forgetSeed()
    await Promise.all([engine.subject.close(), server.subject.close()])
  }
}

/** One subject and its far side. */
class Trial {
  readonly subject: Subject
  sent = 0
  readonly #far: FarSide
  readonly #chance: Chance
  readonly #corpus: readonly string[]
  #last = ''
  #escaped: unknown

  static async open(kind: 'engine' | 'server', chance: Chance, texts: readonly string[]): Promise<Trial> {
    const far = new FarSide(chance)
    let trial: Trial | undefined
    const sent: Sent = (data) => {
      if (trial) trial.sent++
      far.hears(data)
    }
    const subject = await (kind === 'engine' ? EngineSubject.open(chance, sent) : ServerSubject.open(chance, sent))

    return (trial = new Trial(subject, far, chance, texts))
  }

  private constructor(subject: Subject, far: FarSide, chance: Chance, texts: readonly string[]) {
    this.subject = subject
    this.#far = far
    this.#chance = chance
    this.#corpus = texts
  }

  /** One message; at times something of its own, and some time. */
  step(): void {
    const chance = this.#chance
    const isOfCall = chance.is(0.75)
    if (isOfCall && !this.#far.hasSomething) this.#far.begins()
    const whole = isOfCall ? this.#far.next() : chance.of(this.#corpus)
    // Calls go on only if most of what they say gets through.
    const message = chance.is(isOfCall ? 0.3 : 0.95) ? mutate(whole, chance, chance.of(this.#corpus)) : whole
    this.#last = message
    try {
      this.subject.receive(Buffer.from(message, 'latin1'), isOfCall ? strangers[0]! : chance.of(strangers))
      if (chance.is(0.02)) this.subject.act()
      if (chance.is(0.1)) this.subject.advance(chance.is(0.01) ? 40_000 : chance.below(400))
    } catch (error) {
      this.#escaped ??= error
    }
  }

  /** What went wrong so far: an exception that escaped, or one that was caught as a defect. */
  get wrong(): unknown {
    return this.#escaped ?? this.subject.defects[0]
  }

  /** Ends all calls and lets hours pass; what is wrong then, if anything. */
  async windUp(): Promise<unknown> {
    for (let hour = 0; hour < 3; hour++) {
      this.subject.hangUp()
      for (let minute = 0; minute < 60; minute++) {
        this.subject.advance(60_000)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const left = this.subject.left()

    return this.wrong ?? (left === '' ? undefined : `when all is over there is still: ${left}`)
  }

  found(what: unknown, seed: number, number: number): Found {
    return new Found(what, { seed, subject: this.subject.name, number, message: this.#last })
  }
}

/** Megabytes in use once garbage is gone; undefined without `--expose-gc`. */
function heap(): number | undefined {
  const { gc } = globalThis as { gc?: () => void }
  if (!gc) return undefined
  gc()

  return process.memoryUsage().heapUsed / 1e6
}
