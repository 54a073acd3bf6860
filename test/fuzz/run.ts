import { parseArgs } from 'node:util'
import { Found, fuzz } from './fuzz.ts'

// npm run fuzz [-- --seed N --messages N]: a million mutated messages through the engine and the call path.
const { values } = parseArgs({
  options: { seed: { type: 'string' }, messages: { type: 'string', default: '1000000' } },
})
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed)
const messages = Number(values.messages)
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(messages) || messages < 1) {
  console.error('Usage: npm run fuzz -- [--seed N] [--messages N]')
  process.exit(2)
}
console.log(`seed ${seed}, ${messages} messages`)
try {
  const { sent, seconds, heap } = await fuzz({
    seed,
    messages,
    progress: (done) => {
      if (done % 100_000 === 0) console.log(`${done} …`)
    },
  })
  const [early, late] = heap ?? [0, 0]
  console.log(`${messages} messages in ${seconds.toFixed(0)} s, ${sent} sent back; nothing escaped, nothing is left`)
  console.log(`heap: ${early.toFixed(0)} MB after a tenth, ${late.toFixed(0)} MB at the end`)
  // What grows with the messages would have grown tenfold.
  if (late > 2 * early + 20) throw new Error('the heap has grown')
} catch (error) {
  console.error(error instanceof Found ? error.message : error)
  process.exitCode = 1
}
