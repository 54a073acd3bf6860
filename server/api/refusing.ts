import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiLog } from './parts.ts'
import { ApiRefusal, problemOf } from './problems.ts'

/** Answers everything that goes wrong as problem details: errors, paths that are not there, methods that they do not take. */
export function answerRefusals(api: FastifyInstance, log: ApiLog): void {
  const paths = new Map<string, Set<string>>()
  api.addHook('onRoute', ({ url, method }) => {
    const methods = paths.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    paths.set(url, methods)
  })

  api.setErrorHandler(async (error, request, reply) => {
    const problem = problemOf(error)
    if (problem.status === 413) await heardOut(request.raw)
    if (problem.status === 500)
      log.error('request failed', { method: request.method, path: pathOf(request), error: stackOf(error) })

    return reply.status(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem)
  })

  api.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const allowed = [...paths].flatMap(([pattern, methods]) => (matches(pattern, path) ? [...methods] : []))
    if (allowed.length === 0)
      throw new ApiRefusal('not_found', `There is nothing at ${path}; /docs tells what there is.`)

    void reply.header('allow', allowed.join(', '))
    throw new ApiRefusal('method_not_allowed', `${path} takes ${allowed.join(', ')}, not ${request.method}.`)
  })
}

/** What was asked for, without the query: some write their token there. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split(/[?#]/, 1)[0] ?? ''
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Whether a path is one of a pattern such as `/v1/calls/:call`. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')

  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  )
}

const mostHeard = 64 * 1024 * 1024

/** Most clients read an answer only when all that they have to say was taken; the rest of a body that is too large is thrown away. */
async function heardOut(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return
  let left = mostHeard
  await new Promise<void>((resolve) => {
    request.on('data', (chunk: Buffer) => {
      if ((left -= chunk.length) < 0) resolve()
    })
    request
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => {
        resolve()
      })
    request.resume()
  })
}
