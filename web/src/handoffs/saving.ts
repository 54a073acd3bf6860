import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ApiError, type Handoff, type Table } from '../api/client'
import { draftQuery, keys } from '../api/queries'
import { changesOf, isSame } from '../fields/compare'
import { completed, type Edit } from './edit'

/** RFC 9110 15.5.13: the draft is no longer the one that the edit began with. */
function isLostRace(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 412
}

interface SavingEnds {
  done: () => void
  /** Another person was first; the handoff as it is now. */
  lost: (theirs: Handoff | undefined) => void
}

/**
 * Saves an edit on what it began with. Changes of other handoffs are no matter; where another person has changed this one,
 * the save is refused, and the draft is asked for anew, so that the difference shows.
 */
export function useSaving(project: string, edit: Edit, { done, lost }: SavingEnds) {
  const client = useQueryClient()
  const path = { project }

  return useMutation({
    mutationFn: async () => {
      const { base, etag } = edit
      const edited = completed(edit)
      if (!base) {
        await api.POST('/v1/projects/{project}/draft/handoffs', { params: { path }, body: edited })
        return
      }
      const patch = (tag: string) =>
        api.PATCH('/v1/projects/{project}/draft/handoffs/{handoff}', {
          params: { path: { ...path, handoff: base.name }, header: { 'if-match': tag } },
          body: changesOf(base, edited),
        })
      await patch(etag).catch(async (error: unknown) => {
        if (!isLostRace(error)) throw error
        const now = await client.query({ ...draftQuery(project), staleTime: 0 })
        const theirs = handoffNamed(now.table, base.name)
        if (!isSame(theirs, base)) {
          lost(theirs)
          throw error
        }
        await patch(now.etag)
      })
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.project(project) })
      done()
    },
  })
}

export function handoffNamed({ handoffs }: Table, name: string | undefined): Handoff | undefined {
  return handoffs.find((handoff) => handoff.name === name)
}

/**
 * What the server said of a field, by its path such as `headers.X-Account`: pointers are into the project file, where a new
 * handoff is the last of the table.
 */
export function fieldMistakes(
  error: Error | null,
  { handoffs }: Table,
  name: string | undefined,
): (path: string) => string | undefined {
  const index = name === undefined ? handoffs.length : handoffs.findIndex((handoff) => handoff.name === name)
  const of = error instanceof ApiError && !isLostRace(error) ? error : undefined

  return (path) => {
    const field = path.replaceAll('.', '/')
    const pointers = [`/table/handoffs/${index}/${field}`, `/handoffs/${index}/${field}`, `/${field}`]

    return pointers.map((pointer) => of?.at(pointer)).find((text) => text !== undefined)
  }
}
