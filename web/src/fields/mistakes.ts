import { ApiError } from '../api/client'

/**
 * The server's words about a field, by its path such as `headers.X-Account`, or of anything in it.
 *
 * @param places pointers to what is edited: into the project file, or into the request (then '')
 */
export function mistakesAt(error: Error | null, places: readonly string[]): (path: string) => string | undefined {
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : []

  return (path) => {
    const pointers = places.map((place) => `${place}/${path.replaceAll('.', '/')}/`)
    const found = errors.filter(({ pointer }) => pointers.some((one) => `${pointer}/`.startsWith(one)))
    const all = found.flatMap(({ problem, hint }) => (hint === undefined ? [problem] : [problem, hint]))

    return all.length > 0 ? all.join('; ') : undefined
  }
}
