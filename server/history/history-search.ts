import type { CallView, LadderView } from '../legs/views.ts'
import { matchesFilter, type CallFilter } from './call-filter.ts'
import type { CallSummary } from './call-summary.ts'

/** An ended call that the history has. */
export interface HistoryCall {
  summary: CallSummary
  /** Rejects when it cannot be read any more. */
  view(): Promise<CallView>
  ladder(): Promise<LadderView>
}

export interface SearchOptions {
  filter: CallFilter
  /** Calls after this place in the order of lists. */
  after?: CallPlace | undefined
  /** Calls before this place. */
  before?: CallPlace | undefined
  limit: number
  /** Calls that are known from elsewhere. */
  except: ReadonlySet<string>
}

interface Indexed {
  summary: CallSummary & { amends?: true }
  /** Makes the call; only those that are found are made. */
  call: () => HistoryCall
}

/** A part of the history, in the order in which its calls were written. */
export interface SearchedPart {
  /** When its calls began: the first and the last. */
  oldest: number
  newest: number
  /** The latest first. */
  entries(): AsyncIterable<Indexed[]>
}

/** The first calls that match, in the order of lists. `parts`: the latest first. */
export async function searchParts(parts: readonly SearchedPart[], options: SearchOptions): Promise<HistoryCall[]> {
  const { filter, except, limit } = options
  const range = rangeOf(options)
  const found = new FirstCalls(limit)
  const replaced = new Set<string>()
  for (const [at, part] of parts.entries()) {
    // A long call began before others that were written earlier, so the parts overlap.
    const newestLeft = parts.slice(at).reduce((newest, later) => Math.max(newest, later.newest), -Infinity)
    if (found.isFullFor(newestLeft)) break
    if (part.newest < range.from || part.oldest > range.to) continue
    for await (const entries of part.entries()) {
      for (const { summary, call } of withoutReplaced(entries, except, replaced)) {
        if (range.has(summary) && matchesFilter(summary, filter)) found.add(summary, call)
      }
    }
  }

  return found.calls()
}

/** When the wanted calls began, at the earliest and at the latest, and whether a call is between the two places. */
function rangeOf({ filter, after, before }: SearchOptions) {
  return {
    from: Math.max(filter.from ?? -Infinity, before?.startedAt ?? -Infinity),
    to: Math.min(filter.to ?? Infinity, after?.startedAt ?? Infinity),
    has: (call: CallPlace) =>
      (!after || comparePlaces(call, after) > 0) && (!before || comparePlaces(call, before) < 0),
  }
}

/** Every call of the parts that began in the time given, once. */
export async function* everySummary(
  parts: readonly SearchedPart[],
  { from, to, except }: { from: number; to: number; except: ReadonlySet<string> },
): AsyncGenerator<CallSummary[]> {
  const replaced = new Set<string>()
  for (const part of parts) {
    if (part.newest < from || part.oldest >= to) continue
    for await (const entries of part.entries()) {
      yield [...withoutReplaced(entries, except, replaced)].map(({ summary }) => summary)
    }
  }
}

/** Keeps the latest record of a call that has several: it comes first. */
function* withoutReplaced(
  entries: readonly Indexed[],
  except: ReadonlySet<string>,
  replaced: Set<string>,
): Generator<Indexed> {
  for (const entry of entries) {
    const { id, amends } = entry.summary
    if (except.has(id) || replaced.has(id)) continue
    if (amends) replaced.add(id)
    yield entry
  }
}

/** Keeps the first calls, in the order of lists, of many that come in another order. */
class FirstCalls {
  readonly #limit: number
  #found: { summary: CallSummary; call: () => HistoryCall }[] = []
  #isSorted = true

  constructor(limit: number) {
    this.#limit = limit
  }

  add(summary: CallSummary, call: () => HistoryCall): void {
    this.#found.push({ summary, call })
    this.#isSorted = false
    if (this.#found.length >= 2 * this.#limit + 100) this.#sort()
  }

  /** Whether no call that began at `startedAt` or before can be among the first. */
  isFullFor(startedAt: number): boolean {
    if (this.#found.length < this.#limit) return false
    this.#sort()
    const last = this.#found[this.#limit - 1]

    return last !== undefined && last.summary.startedAt > startedAt
  }

  calls(): HistoryCall[] {
    this.#sort()

    return this.#found.map(({ call }) => call())
  }

  #sort(): void {
    if (this.#isSorted) return
    this.#found.sort((a, b) => comparePlaces(a.summary, b.summary))
    this.#found = this.#found.slice(0, this.#limit)
    this.#isSorted = true
  }
}

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
