// A system clock that is set while the process runs. Loaded by `node --import`, it steps `Date` by the next of
// CLOCK_STEPS (milliseconds, comma list) at each SIGUSR2; the time that passes (performance.now) goes on as it was.
const steps = (process.env.CLOCK_STEPS ?? '').split(',').map(Number)
const { Date: SystemDate } = globalThis
let offset = 0

process.on('SIGUSR2', () => {
  const step = steps.shift() ?? 0
  offset += step
  // A log line as Baton's own, so that a test knows when the clock has been set.
  process.stdout.write(`${JSON.stringify({ level: 'info', message: `the clock was set by ${step} ms` })}\n`)
})

globalThis.Date = class Date extends SystemDate {
  constructor(...given) {
    super(...(given.length === 0 ? [SystemDate.now() + offset] : given))
  }

  static now() {
    return SystemDate.now() + offset
  }
}
