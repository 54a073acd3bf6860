import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

const maxPollMs = 50

/**
 * Resolves with the first result of `check` that is neither false nor an exception. After `seconds` the exception is thrown,
 * with `what` was awaited in its message.
 */
export async function until<T>(what: string, check: () => T | Promise<T>, seconds = 20): Promise<Exclude<T, false>> {
  const deadline = performance.now() + seconds * 1000
  for (let pollMs = 1; ; pollMs = Math.min(pollMs * 2, maxPollMs)) {
    const isLast = performance.now() > deadline
    try {
      const result = await check()
      if (result !== false) return result as Exclude<T, false>
      if (isLast) assert.fail('it is not so')
    } catch (error) {
      if (isLast) throw named(error, `not within ${seconds} s: ${what}`)
    }
    await delay(pollMs)
  }
}

function named(error: unknown, what: string): unknown {
  if (error instanceof Error) error.message = `${what}\n${error.message}`

  return error
}
