import { noLease, type Limits, type RoomBook } from '../limits/index.ts'

/** The room there is now, of which an explanation takes none: a call that would wait finds it at once. */
export function explainedRoom(limits: Pick<Limits, 'lacking'>): RoomBook {
  return {
    take: (needs) => limits.lacking(needs) ?? noLease,
    noteRefusal: () => undefined,
    wait: (call) => {
      queueMicrotask(() => {
        call.granted(0, noLease)
      })

      return () => undefined
    },
  }
}
