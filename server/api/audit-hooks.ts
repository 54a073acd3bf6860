import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../base/defined.ts'
import { networkOf } from '../../engine/index.ts'
import type { Actor, HistoryEntry, Routing } from '../../routes/index.ts'
import type { Audit, NewAuditEntry } from '../audit/index.ts'
import { actorOf, maxKeptBodyLength, requestOf } from './auth.ts'
import { WindowedCounts } from './http-limits.ts'
import { pathOf, type ProblemView } from './problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A POST that changes nothing: the history has no entry for it. */
    changesNothing?: boolean
    /** A GET that the history has an entry for. */
    audited?: boolean
    /** What the history says was asked for; the path's summary when left out. */
    action?: string
    /** The body may have a secret in any field, such as a password that was typed as a name: the history leaves it out. */
    hidesBody?: boolean
  }
  interface FastifyRequest {
    /** Facts for the request's entry in the history, beside who and when. */
    audit: AuditNote
  }
}

/** A path's note for the history about a change: the state before and after, and the parts that it concerns. */
interface AuditNote {
  who?: string
  /** The address that it came from, where another Baton has passed it on. */
  from?: string | undefined
  /** Another Baton has answered, and has its entry. */
  isOfPeer?: boolean
  project?: string
  environment?: string
  before?: unknown
  after?: unknown
  changes?: NewAuditEntry['changes']
  why?: string | undefined
  problem?: Pick<ProblemView, 'detail'>
  /** By the HTTP status when left out. */
  result?: NewAuditEntry['result']
}

/** Requests of one source without a known principal that get an entry in a minute: a flood would push out the rest. */
const maxUnknownEntries = 10
const unknownWindowMs = 60_000
/** Writes an entry of the history for every request that changes something, made or refused. */
export function auditChanges(api: FastifyInstance, audit: Audit, routing: Routing): void {
  const unknown = new WindowedCounts(unknownWindowMs)

  routing.on('recorded', ({ project, entry, actor }) => {
    const request = requestOf(actor)
    if (request) noteHistory(request.audit, project, entry)
    else audit.record(entryOfBaton(project, entry, actor))
  })
  api.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, ip } = request
    const isRead = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
    if ((!isRead || routeOptions.config.audited) && isRecorded(request)) {
      if (!isOfUnknown(request, reply) || unknown.count(networkOf(ip)).count <= maxUnknownEntries) {
        audit.record(entryOf(request, reply))
      }
    }
    done()
  })
}

function isRecorded({ routeOptions, is404, audit }: FastifyRequest): boolean {
  return !routeOptions.config.changesNothing && !is404 && audit.isOfPeer !== true
}

/** Whether it is not known who asks: neither by a token or a session, nor by a sign-in that has succeeded. */
function isOfUnknown({ principal, audit }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  if (statusCode === 401 || statusCode === 429) return true

  return principal.kind === 'open' && !principal.mayAnywhere('viewer') && (statusCode >= 400 || audit.who === undefined)
}

function noteHistory(note: AuditNote, project: string, entry: HistoryEntry): void {
  note.project = project
  // A request of several changes, such as the rehearsal of all handoffs, keeps what was before the first.
  note.before ??= entry.before
  note.after = entry.after
  note.why = entry.why
  if (entry.changes) note.changes = [...(note.changes ?? []), ...entry.changes]
}

function entryOf(request: FastifyRequest, reply: FastifyReply): NewAuditEntry {
  const { audit: note, principal, method, routeOptions, params, body } = request
  const { summary = method, body: fields } = (routeOptions.schema ?? {}) as { summary?: string; body?: unknown }
  const { project, environment } = (params ?? {}) as { project?: string; environment?: string }
  const { who, from } = actorOf(request)
  const kept = routeOptions.config.hidesBody ? undefined : bodyOf(body, fields)

  return {
    at: new Date().toISOString(),
    who: note.who ?? who,
    kind: principal.kind,
    from: note.from ?? from,
    ...defined({ why: note.why }),
    action: routeOptions.config.action ?? summary,
    request: { method, path: pathOf(request).slice(0, 500), ...defined({ body: kept }) },
    ...defined({ project: note.project ?? project, environment: note.environment ?? environment }),
    result: note.result ?? resultOf(reply.statusCode),
    status: reply.statusCode,
    ...defined({ problem: note.problem?.detail, before: note.before, after: note.after, changes: note.changes }),
  }
}

/** A change of a project that no request has asked for, such as the rollback of a canary. */
function entryOfBaton(project: string, entry: HistoryEntry, { who, from }: Actor): NewAuditEntry {
  const { at, why, action, environment, before, after, changes } = entry

  return {
    ...{ at, who, kind: 'baton', from, action, project, result: 'done' },
    ...defined({ why, environment, before, after, changes }),
  }
}

function resultOf(status: number): NewAuditEntry['result'] {
  if (status < 400) return 'done'

  return status < 500 ? 'refused' : 'failed'
}

const secretField = /passw|secret|token|credential|authorization|current/i

/**
 * The body of a request, without what must not be kept; a document, or a long body, is left out.
 * @param schema of the body: a field that it does not know may be a misspelt password
 */
function bodyOf(body: unknown, schema: unknown): unknown {
  if (typeof body !== 'object' || body === null || Buffer.isBuffer(body)) return undefined
  const { properties, additionalProperties } = (schema ?? {}) as { properties?: object; additionalProperties?: boolean }
  const known = additionalProperties === false ? Object.keys(properties ?? {}) : Object.keys(body)
  const kept = withoutSecrets(Object.fromEntries(Object.entries(body).filter(([name]) => known.includes(name))))
  const text = JSON.stringify(kept)

  return text === '{}' || text.length > maxKeptBodyLength ? undefined : kept
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value

  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, secretField.test(name) ? '***' : withoutSecrets(inner)]),
  )
}
