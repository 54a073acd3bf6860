import { useQueryClient } from '@tanstack/react-query'
import { useProjectChange } from '../api/changes'
import type { Table } from '../api/client'
import { draftQuery, useDraft } from '../api/queries'
import { changesOf, isSame } from '../fields/compare'
import { isLostRace, useMerge } from '../fields/merge'
import { mistakesAt } from '../fields/mistakes'
import { useKept } from '../shell/kept'

export type List = 'handoffs' | 'schedules'
/** A handoff or a schedule. */
export type Part<Of extends List> = NonNullable<Table[Of]>[number]

/** The calls of the API for one kind of part. */
interface PartCalls<Of extends List> {
  list: Of
  add: (part: Part<Of>) => Promise<unknown>
  patch: (name: string, changes: Record<string, unknown>, ifMatch: string) => Promise<unknown>
}

/** The fields of a part as they are typed. */
interface TypedPart<Of extends List> {
  /** The part as it was when the edit began, and the draft's entity tag; no part for a new one. */
  base: Part<Of> | undefined
  etag: string
}

/** One kind of part, as its dialog edits it. */
interface PartKind<Of extends List, Typed extends TypedPart<Of>> extends PartCalls<Of> {
  /** The first word of the key under which the edit is kept. */
  keptAs: string
  typed: (part: Part<Of> | undefined, etag: string) => Typed
  /** The part as it is to be saved. */
  completed: (typed: Typed) => Part<Of>
}

/** The props of a dialog that adds or edits a part. */
export interface PartDialogProps {
  project: string
  /** The name of the part to edit; undefined adds one. */
  name: string | undefined
  close: () => void
}

/** The edit of one part in its dialog. A reload of the page keeps the typed fields, until they are saved or cancelled. */
export function usePartEdit<Of extends List, Typed extends TypedPart<Of>>(
  { project, name, close }: PartDialogProps,
  { keptAs, typed, completed, ...calls }: PartKind<Of, Typed>,
) {
  const { table, etag } = useDraft(project)
  const [edit, setEdit, forget] = useKept<Typed>(`${keptAs}.${project}.${name ?? ''}`, () =>
    typed(partNamed(table, calls.list, name), etag),
  )
  const edited = completed(edit)
  const end = (): void => {
    forget()
    close()
  }
  const { base } = edit
  const save = usePartSaving(project, calls, { base, etag: edit.etag, edited }, end)
  const mistakesOf = (error: Error | null) => partMistakes(error, table, calls.list, base?.name)

  return { project, list: calls.list, table, edit, setEdit, edited, end, save, mistakesOf }
}

interface PartEdit<Of extends List> extends TypedPart<Of> {
  edited: Part<Of>
}

/**
 * Saves an edit of one part over the draft that it began with. Changes of other parts do not matter; where another person has
 * changed this one, the save is refused, and the draft is asked for anew, so that the difference shows.
 */
function usePartSaving<Of extends List>(
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
    /** Where a save would overwrite another person's change, that change is shown first. */
    mutate: () => {
      if (merge.maySave) save.mutate()
      else merge.see(merge.theirs)
    },
  }
}

function partNamed<Of extends List>(table: Table, list: Of, name: string | undefined): Part<Of> | undefined {
  const parts: readonly Part<Of>[] = table[list] ?? []

  return parts.find((part) => part.name === name)
}

/** The server's words about each field of a part; a new part is the last one of the table. */
function partMistakes(
  error: Error | null,
  table: Table,
  list: List,
  name: string | undefined,
): (path: string) => string | undefined {
  const parts = table[list] ?? []
  const index = name === undefined ? parts.length : parts.findIndex((part) => part.name === name)

  return mistakesAt(error, [`/table/${list}/${index}`, `/${list}/${index}`, ''])
}
