import assert from 'node:assert/strict'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { Value } from 'typebox/value'
import type { Api } from '../../../server/api/index.ts'

interface Answer {
  content?: Record<string, { schema?: object }>
}
type Operations = Record<string, { responses: Record<string, Answer> }>

/** The API's `inject`, which fails when an answer's status, type or shape is not in the OpenAPI document. */
export function checkAnswers(api: Api): Api['inject'] {
  const inject = api.inject.bind(api)
  let described: { paths: Record<string, Operations> } | undefined
  const check = (options: InjectOptions | string, answer: LightMyRequestResponse): void => {
    described ??= api.swagger() as unknown as { paths: Record<string, Operations> }
    const { method, path } = requestOf(options)
    const [pattern = '', operations] = bestMatch(described.paths, path) ?? []
    const operation = operations?.[method.toLowerCase()]
    const { statusCode } = answer
    const called = `${method} ${pattern}: ${statusCode}`
    const type = String(answer.headers['content-type'] ?? '').split(';', 1)[0] ?? ''
    if (type === 'application/problem+json') assert.equal(answer.json<{ status: number }>().status, statusCode, called)
    if (!operation) return

    const told = operation.responses[String(statusCode)]
    assert.ok(told, `${called} is not in the OpenAPI document`)
    if (!/^application\/(problem\+)?json$/.test(type)) return
    const schema = told.content?.[type]?.schema
    assert.ok(schema, `${called} is ${type}, which the OpenAPI document does not say`)
    assert.deepEqual(Value.Errors(schema, answer.json()), [], `${called} ${answer.body}`)
  }

  return (async (options: InjectOptions | string) => {
    const answer = await inject(options)
    check(options, answer)

    return answer
  }) as Api['inject']
}

function requestOf(options: InjectOptions | string): { method: string; path: string } {
  const { method = 'GET', url = '' } = typeof options === 'string' ? { url: options } : options
  const [path = ''] = (typeof url === 'string' ? url : url.pathname).split('?', 1)

  return { method, path }
}

/** The pattern that a path is of; one with fewer parameters goes first, as in the router. */
function bestMatch(paths: Record<string, Operations>, path: string): [string, Operations] | undefined {
  const given = path.split('/')
  const parameters = (pattern: string) => pattern.split('{').length

  return Object.entries(paths)
    .filter(([pattern]) => {
      const wanted = pattern.split('/')

      return wanted.length === given.length && wanted.every((part, at) => part.startsWith('{') || part === given[at])
    })
    .sort(([a], [b]) => parameters(a) - parameters(b))[0]
}
