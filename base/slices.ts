/** Long work in slices, between which calls are served: the event loop never waits for a whole table. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds of work between two turns of the event loop. */
const sliceMs = 3

/** Works on entries one after the other; the event loop takes a turn after every few milliseconds. */
export async function inSlices<T>(entries: Iterable<T>, work: (entry: T) => void): Promise<void> {
  let began = performance.now()
  for (const entry of entries) {
    work(entry)
    if (performance.now() - began < sliceMs) continue
    await nextTurn()
    began = performance.now()
  }
}
