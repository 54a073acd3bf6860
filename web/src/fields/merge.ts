import { useState } from 'react'
import { ApiError } from '../api/client'
import { isSame, mergedOver, type Values } from './compare'

/** An edit beside another person's change of the same thing. */
export interface Merge<Edited extends Values> {
  /** The part as it was when the edit began; undefined for a new one. */
  base: Edited | undefined
  /** The part as it is now; undefined when it was deleted. */
  theirs: Edited | undefined
  /** Whether another person has changed it since the edit began. */
  isOld: boolean
  /** Whether a save may go over what it is now: nothing has changed, or the person was shown what has. */
  maySave: boolean
  /** Shows the person `theirs`, or what the server has just answered that it is. */
  see: (theirs: Edited | undefined) => void
  /** The edit as it is saved: fields that the person has not changed keep what is stored. */
  merged: (edited: Values) => Values
}

export function useMerge<Edited extends Values>(base: Edited | undefined, theirs: Edited | undefined): Merge<Edited> {
  const [seen, setSeen] = useState<{ theirs: Edited | undefined }>()
  const isOld = base !== undefined && !isSame(theirs, base)

  return {
    ...{ base, theirs, isOld },
    maySave: !isOld || (seen !== undefined && isSame(seen.theirs, theirs)),
    see: (now) => {
      setSeen({ theirs: now })
    },
    merged: (edited) => (base && theirs ? mergedOver(base, theirs, edited) : edited),
  }
}

/** RFC 9110 15.5.13: what is edited is no longer what the edit began with. */
export function isLostRace(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 412
}
