import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { allocationText, measureAllocation } from './allocation.ts'
import { drachtio, embedded, nodeSubjects, recoverySubjects } from './baton.ts'
import { comparison } from './comparison.ts'
import { largeTablesText, measureLargeTables } from './large-tables.ts'
import { measureInTurn, measureTogether, type BenchPlan } from './measure.ts'
import { measureOverload, type OverloadPlan, summary } from './overload.ts'
import { kamailio, type Subject } from './subjects.ts'

const subjects: readonly Subject[] = [kamailio, embedded, drachtio]
const usage = `npm run bench -- [options]
  --only NAME,…     systems to measure: ${subjects.map(({ name }) => name).join(', ')} (all)
  --rate N          calls a second of the run that is compared (200)
  --seconds N       its length (20)
  --warm-up N       length of the run before it, in which caches fill and the JIT settles (30)
  --step N          length of each step on the way to the highest rate; 0: leave that out (5)
  --together        load all of them at once, each at that rate: the ratios do not follow the machine's speed; no highest rate
  --recovery        instead of all of them: Baton without the records of its calls and with them, together: in the Redis of
                    REDIS_URL, too, where that is set
  --nodes V,…       instead: Baton on versions of Node, such as 20.19,22,24, together; npm fetches their binaries
  --overload       instead: what Baton carries of three times its highest rate, cold and warm; fails below 80 %
  --allocation     instead: what one call allocates, and what it keeps while it is up, in memory and without SIPp; fails above 1.2 of
                   what is expected
  --tables         instead: 100,000 numbers and 10,000 handoffs: looking up a number, a start, and how long a change stops calls
  --json FILE       write the numbers there, too`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '30' },
    step: { type: 'string', default: '5' },
    together: { type: 'boolean', default: false },
    recovery: { type: 'boolean', default: false },
    nodes: { type: 'string' },
    overload: { type: 'boolean', default: false },
    allocation: { type: 'boolean', default: false },
    tables: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(usage)
} else if (values.allocation) {
  const result = measureAllocation()
  console.log(allocationText(result))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ result }, null, 2)}\n`)
  process.exitCode = result.holds ? 0 : 1
} else if (values.tables) {
  const result = measureLargeTables()
  console.log(largeTablesText(result))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ result }, null, 2)}\n`)
  process.exitCode = result.holds ? 0 : 1
} else if (values.overload) {
  const plan: OverloadPlan = {
    rate: number('rate', values.rate, 10, 2000),
    stepSeconds: number('step', values.step, 1, 60),
    factor: 3,
    rounds: 3,
  }
  const result = await measureOverload(plan, progress)
  console.log(summary(result))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ plan, result }, null, 2)}\n`)
  process.exitCode = result.holds ? 0 : 1
} else {
  const only = values.only?.split(',')
  const plan: BenchPlan = {
    rate: number('rate', values.rate, 10, 2000),
    seconds: number('seconds', values.seconds, 1, 300),
    warmUp: number('warm-up', values['warm-up'], 1, 300),
    stepSeconds: number('step', values.step, 0, 60),
  }
  const variants = values.recovery ? recoverySubjects(process.env.REDIS_URL) : onNodes(values.nodes)
  const chosen = variants ?? subjects.filter(({ name }) => only?.includes(name) ?? true)
  const results = await (values.together || variants ? measureTogether : measureInTurn)(chosen, plan, progress)
  console.log(comparison(results))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ plan, results }, null, 2)}\n`)
  process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0
}

function onNodes(versions: string | undefined): Subject[] | undefined {
  return versions === undefined ? undefined : nodeSubjects(versions.split(','))
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** A bounded number, so that a slip of the pen does not load a machine for an hour. */
function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!(value >= least && value <= most)) {
    throw new RangeError(`--${name} must be ${least} to ${most}; it is '${text}'.`)
  }

  return value
}
