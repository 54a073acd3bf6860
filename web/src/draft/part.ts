import { useQueryClient } from '@tanstack/react-query'
import { useProjectChange } from '../api/changes'
import type { Table } from '../api/client'
import { draftQuery, useDraft } from '../api/queries'
import { changesOf, isSame } from '../fields/compare'
import { isLostRace, useMerge } from '../fields/merge'
import { mistakesAt } from '../fields/mistakes'

type List = 'handoffs' | 'schedules'
/** A handoff or a schedule. */
type Part<Of extends List> = NonNullable<Table[Of]>[number]

/** The calls of the API for one kind of part. */
interface PartCalls<Of extends List> {
  list: Of
  add: (part: Part<Of>) => Promise<unknown>
  patch: (name: string, changes: Record<string, unknown>, ifMatch: string) => Promise<unknown>
}

interface PartEdit<Of extends List> {
  /** The part as it was when the edit began, and the draft's entity tag; no part for a new one. */
  base: Part<Of> | undefined
  etag: string
  /** The part as it is to be saved. */
  edited: Part<Of>
}

/**
 * Saves an edit of one part of the draft on what it began with. Changes of other parts are no matter; where another person has
 * changed this one, the save is refused, and the draft is asked for anew, so that the difference shows.
 */
export function usePartSaving<Of extends List>(
  project: string,
  { list, add, patch }: PartCalls<Of>,
  { base, etag, edited }: PartEdit<Of>,
  done: () => void,
) {
  const client = useQueryClient()
  const draft = useDraft(project)
  const merge = useMerge(base, partNamed(draft.table, list, base?.name))
  const before = merge.isOld ? merge.theirs : base
  const save = useProjectChange(
    project,
    async () => {
      if (!before) {
        await add(edited)
        return
      }
      const send = (ifMatch: string) => patch(before.name, changesOf(base, edited), ifMatch)
      await send(merge.isOld ? draft.etag : etag).catch(async (error: unknown) => {
        if (!isLostRace(error)) throw error
        const now = await client.query({ ...draftQuery(project), staleTime: 0 })
        const theirs = partNamed(now.table, list, before.name)
        if (!isSame(theirs, before)) {
          merge.see(theirs)
          throw error
        }
        await send(now.etag)
      })
    },
    done,
  )

  return {
    merge,
    error: save.error,
    isPending: save.isPending,
    /** Shows first what another person has changed, where a save would go over it. */
    submit: () => {
      if (merge.maySave) save.mutate()
      else merge.see(merge.theirs)
    },
  }
}

export function partNamed<Of extends List>(table: Table, list: Of, name: string | undefined): Part<Of> | undefined {
  const parts: readonly Part<Of>[] = table[list] ?? []

  return parts.find((part) => part.name === name)
}

/** What the server said of each field of a part; a new part is the last one of the table. */
export function partMistakes(
  error: Error | null,
  table: Table,
  list: List,
  name: string | undefined,
): (path: string) => string | undefined {
  const parts = table[list] ?? []
  const index = name === undefined ? parts.length : parts.findIndex((part) => part.name === name)

  return mistakesAt(error, [`/table/${list}/${index}`, `/${list}/${index}`, ''])
}
