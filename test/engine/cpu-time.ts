/** Milliseconds of this process's CPU that a run takes, which do not grow when the machine is busy. */
export function cpuTime(run: () => unknown): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)

  return (user + system) / 1000
}
