/** `npm run bench -- --overload`: whether a Baton that gets three times as many calls as it can carry still carries four fifths. */
import { embeddedWith } from './baton.ts'
import { placeCalls, startAgent, type LoadResult } from './load.ts'
import { highestRateOf } from './measure.ts'
import type { Subject } from './subjects.ts'

export interface OverloadPlan {
  /** Calls a second at which the search for the capacity begins. */
  rate: number
  /** Length of each step on the way to the capacity, and of each overload. */
  stepSeconds: number
  /** How many times the capacity is placed. */
  factor: number
  /** A machine that does other work meanwhile spoils a round: the best of so many counts. */
  rounds: number
}

interface Load {
  /** Calls a second that were set up and ended as they should. */
  goodRate: number
  retransmissions: number
  setupP99Ms: number
}

/** What a process makes of calls at the rate of its capacity, and of so many times as many. */
interface Held {
  carried: Load
  overloaded: Load
  /** The good calls of the second, of those of the first. */
  share: number
}

export interface OverloadResult {
  capacity: number
  /** Two processes from their start, while nothing is compiled yet. */
  cold: Held
  /** One process that has had calls. */
  warm: Held
  holds: boolean
}

const requiredShare = 0.8
/** Of all calls that are placed: SIPp itself is late now and then. */
const tolerableRepetitions = 0.01

/** Rounds until one holds; resolves with the last one. */
export async function measureOverload(plan: OverloadPlan, progress: (text: string) => void): Promise<OverloadResult> {
  for (let round = 1; ; round++) {
    const result = await oneRound(plan, progress)
    progress(`round ${round}: ${summary(result)}`)
    if (result.holds || round === plan.rounds) return result
  }
}

export function summary({ capacity, cold, warm, holds }: OverloadResult): string {
  const say = ({ carried, overloaded, share }: Held) =>
    `${overloaded.goodRate.toFixed(0)}/s of ${carried.goodRate.toFixed(0)}/s (${(share * 100).toFixed(0)} %), ` +
    `${overloaded.retransmissions} sent twice, p99 ${overloaded.setupP99Ms.toFixed(0)} ms`

  return `capacity ${capacity}/s; cold ${say(cold)}; warm ${say(warm)}: ${holds ? 'holds' : 'does not hold'}`
}

async function oneRound(plan: OverloadPlan, progress: (text: string) => void): Promise<OverloadResult> {
  const capacity = await inFrontOfAgent(embeddedWith({ OVERLOAD_LAG: '0' }), async (port) => {
    await placeCalls(port, plan.rate, plan.stepSeconds)

    return highestRateOf('baton', port, plan, progress)
  })
  const rate = Math.round(capacity * plan.factor)
  const place = async (port: number, what: string, each: number): Promise<Load> => {
    progress(`baton, ${what}: ${each} calls/s for ${plan.stepSeconds} s`)

    return loadOf(await placeCalls(port, each, plan.stepSeconds), each, plan.stepSeconds)
  }
  // OVERLOAD_LAG has its default.
  const subject = embeddedWith({ OVERLOAD_LAG: undefined })
  const [coldCarried, warm] = await inFrontOfAgent(subject, async (port) => {
    const first = await place(port, 'cold', capacity)

    return [first, heldOf(await place(port, 'warm', capacity), await place(port, 'warm', rate))] as const
  })
  const cold = heldOf(coldCarried, await inFrontOfAgent(subject, (port) => place(port, 'cold', rate)))
  const most = rate * plan.stepSeconds * tolerableRepetitions
  const holds = [cold, warm].every(
    ({ share, overloaded }) => share >= requiredShare && overloaded.retransmissions <= most,
  )

  return { capacity, cold, warm, holds }
}

function loadOf({ failed, retransmissions, setup }: LoadResult, rate: number, seconds: number): Load {
  return { goodRate: rate - failed / seconds, retransmissions, setupP99Ms: setup.p99 }
}

const heldOf = (carried: Load, overloaded: Load): Held => ({
  carried,
  overloaded,
  share: overloaded.goodRate / carried.goodRate,
})

async function inFrontOfAgent<T>(subject: Subject, use: (port: number) => Promise<T>): Promise<T> {
  const agent = await startAgent()
  try {
    const running = await subject.start(agent.port)
    try {
      return await use(running.port)
    } finally {
      await running.stop()
    }
  } finally {
    await agent.stop()
  }
}
