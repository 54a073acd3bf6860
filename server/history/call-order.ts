/** The place of a call in lists: the newest first, and those of one millisecond by their ids. It never changes. */
export interface CallPlace {
  /** Milliseconds since 1970. */
  startedAt: number
  id: string
}

/** Negative when `a` comes first. */
export function comparePlaces(a: CallPlace, b: CallPlace): number {
  if (a.startedAt !== b.startedAt) return b.startedAt - a.startedAt
  if (a.id === b.id) return 0

  return a.id < b.id ? -1 : 1
}

/** The text by which a client asks for the calls after this one. */
export function cursorAt({ startedAt, id }: CallPlace): string {
  return `${startedAt}.${id}`
}

/** undefined when the text is no cursor. */
export function readCursor(text: string): CallPlace | undefined {
  const [, startedAt, id = ''] = /^(\d{1,15})\.(.{1,100})$/.exec(text) ?? []

  return startedAt === undefined ? undefined : { startedAt: Number(startedAt), id }
}
