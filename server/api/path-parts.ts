import { STATUS_CODES } from 'node:http'

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import { Type, type TSchema } from 'typebox'

import { ProblemView, ApiRefusal } from './problems.ts'

/** Fastify, with the types of requests and answers derived from their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** The schema of an answer with problem details. */
export function refusalResponse(status: number) {
  return { description: STATUS_CODES[status], content: { 'application/problem+json': { schema: ProblemView } } }
}

/**
 * The answers of a path: its own, and problem details for the statuses of its refusals. documentation.ts adds those that
 * follow from its kind.
 */
export function answers<Ok extends Record<number, TSchema>>(ok: Ok, ...refusals: number[]): Ok {
  const refused = Object.fromEntries(refusals.map((status) => [status, refusalResponse(status)]))

  // Refusals are thrown, so the type of a handler's answers leaves them out.
  return { ...refused, ...ok }
}

export const ProjectName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
  maxLength: 64,
  description: 'Name of the project',
  examples: ['demo'],
})
export const CallId = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'Baton’s id of the call (X-Baton-Call-Id)',
  examples: ['3f0c2a52-7d1e-4a53-9b0b-6f6d0b1f7a11'],
})
export const OneProject = Type.Object({ project: ProjectName })
export const VersionNumber = Type.Integer({ minimum: 1, examples: [7] })
export const EnvironmentInPath = Type.String({ examples: ['live'] })
export const HandoffName = Type.String({ minLength: 1, maxLength: 64, examples: ['front-desk'] })
export const Message = Type.Optional(Type.String({ maxLength: 1000, description: 'Why, for the history' }))
export const Why = Type.Object(
  { message: Message },
  { additionalProperties: false, examples: [{ message: 'The night shift has a new number' }] },
)
export const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 1000, examples: ['"sha256:5d41402abc4b2a76"'] })),
})

/** A part of a path that names a version, a release or the draft. */
export const DraftOrNumber = Type.String({
  pattern: '^(draft|[1-9][0-9]{0,8})$',
  description: 'A number, or draft',
  examples: ['draft'],
})

export function draftOrNumber(text: string): number | 'draft' {
  return text === 'draft' ? text : Number(text)
}

/** A `preValidation` for paths whose body may be left out: an empty body counts as `{}`. */
export function withoutBody(request: FastifyRequest, _reply: unknown, done: () => void): void {
  request.body ??= {}
  done()
}

/** A strong entity tag (RFC 9110 8.8.3). */
export function entityTag(digest: string): string {
  return `"${digest}"`
}

/**
 * The digest that `If-Match` requires; undefined without the header, or for `*`.
 * @param current the digest now, to compare several tags with
 */
export function wantedDigest(
  ifMatch: string | undefined,
  current: () => Promise<string> | string,
): Promise<string | undefined> | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined

  const tags = ifMatch.split(',').map((tag) => /^\s*"([\x21\x23-\x7e]*)"\s*$/.exec(tag)?.[1])
  // RFC 9110 13.1.1: If-Match compares strongly, so a weak tag matches nothing.
  const strong = tags.filter((tag) => tag !== undefined)
  if (strong.length === 1) return Promise.resolve(strong[0])

  return Promise.resolve(current()).then((now) => {
    if (strong.includes(now)) return now
    throw new ApiRefusal('precondition_failed', `If-Match names ${ifMatch}, and it is now ${entityTag(now)}.`)
  })
}

/** Whether a client accepts a type, and names it before JSON (RFC 9110 12.5.1). */
export function prefers(type: string, accept = ''): boolean {
  const at = accept.indexOf(type)
  const json = accept.indexOf('application/json')

  return at !== -1 && (json === -1 || at < json)
}
