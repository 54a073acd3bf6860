import { defined } from '../../base/defined.ts'
import type { IncomingMessage } from 'node:http'

import { Type, type Static } from 'typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 * Every refusal of the API itself, by slug. Errors of other parts (routes, transfers) have a slug, a status and a title of
 * their own and are answered in the same form.
 */
const refusals = {
  malformed_body: [400, 'The body cannot be read'],
  malformed_request: [400, 'The request is not well formed'],
  unauthorized: [401, 'Sign-in is needed'],
  forbidden: [403, 'Not permitted'],
  foreign_origin: [403, 'Not from another site'],
  not_found: [404, 'Not found'],
  unknown_call: [404, 'No such call'],
  unknown_context: [404, 'No such context'],
  unknown_environment: [404, 'No such environment'],
  unknown_trunk: [404, 'No such trunk'],
  unknown_target: [404, 'No such target'],
  unknown_dead_letter: [404, 'No such dead letter'],
  method_not_allowed: [405, 'Not that method'],
  precondition_failed: [412, 'It has changed in the meantime'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'Not that kind of body'],
  invalid: [422, 'The body is not valid'],
  idempotency_key_reused: [422, 'The Idempotency-Key was used for another request'],
  too_many_requests: [429, 'Too many requests'],
  too_many_sign_ins: [429, 'Too many sign-ins'],
  internal_error: [500, 'Something went wrong in Baton'],
  not_available: [501, 'Not available here'],
  busy: [503, 'Too busy'],
  owner_unreachable: [503, 'The Baton that has the call does not answer'],
  too_many_streams: [503, 'Too many event streams'],
} as const satisfies Record<string, readonly [status: number, title: string]>

type RefusalSlug = keyof typeof refusals

/** A mistake in a request's body, and its place (RFC 6901 pointer). */
export const FieldMistake = Type.Object({
  pointer: Type.String({ description: 'JSON pointer to the place' }),
  problem: Type.String(),
  hint: Type.Optional(Type.String({ description: 'What would be right' })),
  line: Type.Optional(Type.Integer({ description: 'Line of the file, when it was a file' })),
})
export type FieldMistake = Static<typeof FieldMistake>

/** RFC 9457. */
export const ProblemView = Type.Object(
  {
    type: Type.String({ description: 'urn:baton:problem:<slug>' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(FieldMistake)),
    needs: Type.Optional(Type.String({ description: 'Of 403: the role that is needed' })),
  },
  { title: 'Problem' },
)
export type ProblemView = Static<typeof ProblemView>

/** A refusal of the API itself. */
export class ApiRefusal extends Error {
  readonly status: number
  readonly slug: RefusalSlug
  readonly title: string
  readonly detail: string
  readonly errors: readonly FieldMistake[] | undefined
  readonly needs: string | undefined

  constructor(slug: RefusalSlug, detail: string, errors?: readonly FieldMistake[], needs?: string) {
    super(detail)
    ;[this.status, this.title] = refusals[slug]
    this.slug = slug
    this.detail = detail
    this.errors = errors
    this.needs = needs
  }
}

/** The answer to a request that ended in `error`. An unforeseen error becomes a 500 without its text. */
export function problemOf(error: unknown): ProblemView {
  const refusal = asRefusal(error) ?? asFastifyRefusal(error)
  if (!refusal) return problemOf(new ApiRefusal('internal_error', 'The log of Baton says more.'))

  return {
    type: `urn:baton:problem:${refusal.slug.replaceAll('_', '-')}`,
    title: refusal.title,
    status: refusal.status,
    detail: refusal.detail,
    ...defined({ errors: refusal.errors && [...refusal.errors], needs: refusal.needs }),
  }
}

/** Any error with these fields is answered as problem details (RFC 9457). */
interface RefusalFields {
  /** HTTP status, 400 to 599. */
  status: number
  /** Words joined by `_` or `-`; they become the problem's `type`. */
  slug: string
  title: string
  detail: string
  errors?: readonly FieldMistake[] | undefined
  needs?: string | undefined
}

function asRefusal(error: unknown): RefusalFields | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { status, slug, title, detail } = error as Partial<RefusalFields>

  return typeof status === 'number' && status >= 400 && status < 600 && slug && title && detail
    ? (error as RefusalFields)
    : undefined
}

/** The refusals of Fastify itself, in Baton's words. */
function asFastifyRefusal(error: unknown): RefusalFields | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, statusCode, validation, validationContext } = error as Error & {
    code?: string
    statusCode?: number
    validation?: ValidationMistake[]
    validationContext?: string
  }

  if (validation) return asInvalid(validation, validationContext)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ApiRefusal('body_too_large', error.message)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ApiRefusal(
      'unsupported_media_type',
      'Send application/json (a project or draft may also be application/yaml).',
    )
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiRefusal(code?.includes('BODY') ? 'malformed_body' : 'malformed_request', error.message)
  }

  return undefined
}

interface ValidationMistake {
  instancePath: string
  message?: string
  keyword?: string
  params?: { additionalProperties?: string[]; requiredProperties?: string[]; allowedValues?: unknown[] }
}

function asInvalid(mistakes: ValidationMistake[], context = 'body'): ApiRefusal {
  // An unknown field is reported twice: by the object's schema, and by the field's own, which is `false`.
  const errors = mistakes.filter(({ keyword }) => keyword !== 'boolean').flatMap(mistakesAt)
  const first = errors[0]
  const detail = first
    ? `${first.pointer === '' ? `The ${context}` : first.pointer}: ${first.problem}`
    : `Bad ${context}`

  return context === 'body'
    ? new ApiRefusal('invalid', detail, errors)
    : new ApiRefusal('malformed_request', `In the ${context}: ${detail}`, errors)
}

function mistakesAt({ instancePath, message, params }: ValidationMistake): FieldMistake[] {
  const unknown = params?.additionalProperties?.map((name) => ({
    pointer: instancePath + pointerTo(name),
    problem: 'there is no such field',
  }))
  const missing = params?.requiredProperties?.map((name) => ({
    pointer: instancePath + pointerTo(name),
    problem: 'is missing',
  }))

  return unknown ?? missing ?? [{ pointer: instancePath, problem: message ?? 'is not valid' }]
}

/** A JSON pointer made of the names of fields (RFC 6901 3). */
export function pointerTo(...names: string[]): string {
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Answers errors, unknown paths and wrong methods as problem details. */
export function answerRefusals(api: FastifyInstance, log: { error(message: string, fields: object): unknown }): void {
  const paths = new Map<string, Set<string>>()
  api.addHook('onRoute', ({ url, method }) => {
    const methods = paths.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    paths.set(url, methods)
  })

  api.setErrorHandler(async (error, request, reply) => {
    // A principal that may not use the path is not told what is wrong with the body.
    const problem = problemOf(request.refusal ?? error)
    request.audit.problem = problem
    if (problem.status === 413) await drain(request.raw)
    if (problem.status === 500) {
      log.error('request failed', { method: request.method, path: pathOf(request), error: stackOf(error) })
    }

    return reply.status(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem)
  })

  api.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const allowed = [...paths].flatMap(([pattern, methods]) => (matches(pattern, path) ? [...methods] : []))
    // A path that takes the method may have nothing to give, such as a file that is not there.
    if (allowed.length === 0 || allowed.includes(request.method)) {
      throw new ApiRefusal('not_found', `There is nothing at ${path}; /docs tells what there is.`)
    }

    void reply.header('allow', allowed.join(', '))
    throw new ApiRefusal('method_not_allowed', `${path} takes ${allowed.join(', ')}, not ${request.method}.`)
  })
}

/** The path without the query, in which some clients send their token. */
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

const maxDrainedBytes = 64 * 1024 * 1024

/** Reads the rest of a body that is too large: most clients read the answer only after they have sent all of it. */
async function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return
  let left = maxDrainedBytes
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
