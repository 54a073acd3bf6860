import type { Lease, Limits, RoomBook } from '../limits/index.ts'

const nothingHeld: Lease = { noteAnswered: () => undefined, release: () => undefined }

/** The room there is now, of which an explanation takes none: a call that would wait finds it at once. */
export function explainedRoom(limits: Pick<Limits, 'lacking'>): RoomBook {
  return {
    take: (needs) => limits.lacking(needs) ?? nothingHeld,
    noteRefusal: () => undefined,
    wait: (call) => {
      queueMicrotask(() => {
        call.granted(0, nothingHeld)
      })

      return () => undefined
    },
  }
}
