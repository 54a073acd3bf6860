import { placeCalls, startAgent, type LoadResult } from './load.ts'
import { cpuSeconds, memoryMiB } from './processes.ts'
import type { Running, Subject } from './subjects.ts'

export interface BenchPlan {
  /** Calls a second of the run that is compared. */
  rate: number
  /** The length of that run, and of the run before it that lets caches fill and the JIT settle. */
  seconds: number
  warmUp: number
  /** Each step on the way to the highest rate; 0 leaves that out. */
  stepSeconds: number
}

export interface Measurement {
  name: string
  /** CPU seconds of the system under test, all its processes, for 1000 calls. */
  cpuPer1000: number
  setup: LoadResult['setup']
  memoryMiB: number
  failed: number
  retransmissions: number
  /** The highest rate, in calls a second, without a failed call and with (almost) nothing sent twice. */
  highestRate: number | undefined
}

type Progress = (text: string) => void

/** Measures systems one after the other, each alone, in front of its own agent. */
export async function measureInTurn(
  subjects: readonly Subject[],
  plan: BenchPlan,
  progress: Progress,
): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const subject of subjects) {
    const bench = await setUp(subject)
    try {
      const measurement = await compared(bench, plan, progress)
      if (plan.stepSeconds > 0) {
        measurement.highestRate = await highestRateOf(bench.name, bench.running.port, plan, progress)
      }
      measurements.push(measurement)
    } finally {
      await bench.tearDown()
    }
  }

  return measurements
}

/** Measures all systems at the same time, each in front of its own agent: a machine whose speed changes changes it for all. */
export async function measureTogether(
  subjects: readonly Subject[],
  plan: BenchPlan,
  progress: Progress,
): Promise<Measurement[]> {
  const benches: Bench[] = []
  try {
    for (const subject of subjects) benches.push(await setUp(subject))

    return await Promise.all(benches.map((bench) => compared(bench, plan, progress)))
  } finally {
    for (const bench of benches) await bench.tearDown()
  }
}

/** A system that runs in front of its agent. */
interface Bench {
  name: string
  running: Running
  tearDown(): Promise<void>
}

async function setUp(subject: Subject): Promise<Bench> {
  const agent = await startAgent()
  const running = await subject.start(agent.port).catch(async (error: unknown) => {
    await agent.stop()
    throw error
  })

  return {
    name: subject.name,
    running,
    async tearDown() {
      await running.stop()
      await agent.stop()
    },
  }
}

/** Everything but the highest rate. */
async function compared({ name, running }: Bench, plan: BenchPlan, progress: Progress): Promise<Measurement> {
  progress(`${name}: warm-up, ${plan.rate} calls/s for ${plan.warmUp} s`)
  await placeCalls(running.port, plan.rate, plan.warmUp)

  progress(`${name}: ${plan.rate} calls/s for ${plan.seconds} s`)
  const before = cpuSeconds(running.pids)
  const load = await placeCalls(running.port, plan.rate, plan.seconds)
  const cpu = cpuSeconds(running.pids) - before
  const memory = memoryMiB(running.pids)

  return {
    name,
    cpuPer1000: (cpu / load.calls) * 1000,
    setup: load.setup,
    memoryMiB: memory,
    failed: load.failed,
    retransmissions: load.retransmissions,
    highestRate: undefined,
  }
}

/** Doubles the rate until something is lost, then halves the gap until it is within a tenth. */
export async function highestRateOf(
  name: string,
  port: number,
  plan: Pick<BenchPlan, 'rate' | 'stepSeconds'>,
  progress: Progress,
): Promise<number> {
  let good = 0
  let bad = Infinity
  let rate = plan.rate
  while (rate <= 6400 && bad - good > good / 10) {
    progress(`${name}: ${rate} calls/s for ${plan.stepSeconds} s`)
    const load = await placeCalls(port, rate, plan.stepSeconds)
    if (withoutLoss(load, rate, plan.stepSeconds)) good = rate
    else bad = rate
    rate = bad === Infinity ? good * 2 : Math.round((good + bad) / 2)
    if (rate < 50) break
  }

  return good
}

/** Nothing failed, next to nothing was sent twice, and the load really was placed at that rate. */
function withoutLoss(load: LoadResult, rate: number, seconds: number): boolean {
  return load.failed === 0 && load.retransmissions < load.calls / 1000 && load.seconds < seconds * 1.1 + 2 && rate > 0
}
