import type { BatonEvent } from '../calls/events.ts'

/** An event that the receiver has not taken. */
export interface DeadLetter {
  /** `webhook-id`. */
  id: string
  event: BatonEvent
  attempts: number
  /** Why the last attempt failed, or why there was none. */
  problem: string
  /** When it was given up; ISO 8601. */
  failedAt: string
  /** Baton stopped before it was delivered or given up: the next start goes on with it. */
  interrupted?: true
}

/** Letters that are put, and ids of letters that are gone (`undefined`). */
export type LetterChanges = ReadonlyMap<string, DeadLetter | undefined>

/** Where dead letters outlive the process. */
export interface DeadLetterStore {
  /** Others write there as well. */
  readonly shared: boolean
  /** Every id that is kept, and the letters that are not `known` yet. */
  load(known: ReadonlySet<string>): Promise<{ ids: ReadonlySet<string>; letters: DeadLetter[] }>
  /** @param kept all letters after these changes */
  write(changes: LetterChanges, kept: ReadonlyMap<string, DeadLetter>): Promise<void>
  close(): void
}

/** undefined when the text is no dead letter. */
export function readLetter(text: string): DeadLetter | undefined {
  try {
    const letter = JSON.parse(text) as Partial<DeadLetter> | null
    const whole = typeof letter?.id === 'string' && typeof letter.event?.at === 'string'

    return whole ? (letter as DeadLetter) : undefined
  } catch {
    return undefined
  }
}
