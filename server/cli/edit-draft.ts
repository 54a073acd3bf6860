import type { Cli } from './cli.ts'
import { Failure } from './failure.ts'
import { get, type ApiRequest } from './request.ts'

/** How often an edit begins again because another change came between its reading and its writing. */
const maxAttempts = 5

/**
 * Reads a draft, and sends the change that `edit` makes of it with `If-Match`. When another change has
 * come between, it does so again: no change is lost.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the draft is read as
export async function editDraft<Draft>(
  cli: Cli,
  path: string,
  edit: (draft: Draft, ifMatch: { 'if-match': string }) => ApiRequest | Promise<ApiRequest>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { text, etag = '*' } = await cli.send(get(path))
    const request = await edit(JSON.parse(text) as Draft, { 'if-match': etag })
    try {
      await cli.send(request)

      return
    } catch (error) {
      const isLost = error instanceof Failure && error.problem.status === 412
      if (!isLost || attempt === maxAttempts) throw error
    }
  }
}
