import { setTimeout as delay } from 'node:timers/promises'

/** Runs a check until it throws no more; after ten seconds, what it throws is the truth. */
export async function eventually(check: () => Promise<void> | void, seconds = 10): Promise<void> {
  const until = Date.now() + seconds * 1000
  for (;;) {
    try {
      await check()
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await delay(50)
    }
  }
}
