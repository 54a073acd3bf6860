import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AuditEntry } from '../../audit/index.ts'
import type { ApiParts } from '../parts.ts'
import { answers, type Api } from '../path-parts.ts'

const Filter = Type.Object(
  {
    project: Type.Optional(Type.String({ maxLength: 64, examples: ['demo'] })),
    who: Type.Optional(Type.String({ maxLength: 200, examples: ['ann@example.com'] })),
    result: Type.Optional(Type.Enum([...AuditEntry.properties.result.enum], { examples: ['refused'] })),
    text: Type.Optional(
      Type.String({ maxLength: 200, description: 'A part of the action, or of the path', examples: ['promote'] }),
    ),
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'At this time or later', examples: ['2026-03-01T09:00:00Z'] }),
    ),
    to: Type.Optional(
      Type.String({ format: 'date-time', description: 'Before this time', examples: ['2026-03-02T09:00:00Z'] }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: '100 when left out; of an export: all', examples: [50] }),
    ),
    cursor: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'The `next` of the answer before',
        examples: ['2026-03-01T09:00:00.000Z-17'],
      }),
    ),
    format: Type.Optional(
      Type.Enum(['json', 'ndjson', 'csv'], {
        description: 'json has pages; the others are for export, whole',
        examples: ['csv'],
      }),
    ),
  },
  { additionalProperties: false },
)
const columns = [
  'id',
  'at',
  'who',
  'kind',
  'from',
  'action',
  'method',
  'path',
  'project',
  'environment',
  'result',
  'status',
]
const told = ['problem', 'why', 'before', 'after', 'changes', 'body']

/** Every change, made or refused. */
export function historyPaths(api: Api, { audit }: ApiParts): void {
  api.get(
    '/v1/history',
    {
      config: { access: 'viewer', scope: 'handler' },
      schema: {
        tags: ['access'],
        summary: 'Every change: who, from where, what before and after, refused ones too; newest first',
        description:
          'Changes of people and tokens are for admins. Of a principal with some projects only, what concerns these is shown.',
        querystring: Filter,
        response: answers({
          200: Type.Object({
            history: Type.Array(AuditEntry),
            next: Type.Optional(Type.String({ description: 'The cursor of the entries before these' })),
          }),
        }),
      },
    },
    async (request, reply) => {
      if (!audit) return { history: [] }
      const { limit, cursor, format = 'json', ...filter } = request.query
      const found = audit.find(
        { ...filter, isWhole: format !== 'json', isShown: (entry) => isFor(request, entry) },
        cursor,
      )
      if (format === 'json') return page(shown(request, found), limit ?? 100)

      void reply.header('content-disposition', `attachment; filename="baton-history.${format}"`)
      const entries = limited(shown(request, found), limit ?? Infinity)
      if (format === 'ndjson') {
        return reply.type('application/x-ndjson').send(Readable.from(lines(entries)) as never) as never
      }

      const table = stringify({ header: true, columns: [...columns, ...told], escape_formulas: true })

      return reply.type('text/csv; charset=utf-8').send(Readable.from(rows(entries)).pipe(table) as never) as never
    },
  )
}

/** Entries that concern no project (people, tokens, trunks) are for admins. */
function isFor({ principal }: FastifyRequest, { project }: AuditEntry): boolean {
  return project === undefined ? principal.mayEverywhere('admin') : principal.sees(project)
}

/** Bodies may have the numbers of callers. */
async function* shown({ principal }: FastifyRequest, entries: AsyncIterable<AuditEntry>): AsyncGenerator<AuditEntry> {
  for await (const entry of entries) {
    const seesNumbers = entry.project === undefined || principal.seesNumbersOf(entry.project)
    if (seesNumbers || entry.request?.body === undefined) yield entry
    else yield { ...entry, request: { method: entry.request.method, path: entry.request.path } }
  }
}

async function page(
  entries: AsyncIterable<AuditEntry>,
  limit: number,
): Promise<{ history: AuditEntry[]; next?: string }> {
  const history: AuditEntry[] = []
  for await (const entry of entries) {
    const last = history.at(-1)
    if (last && history.length === limit) return { history, next: last.id }
    history.push(entry)
  }

  return { history }
}

async function* limited<T>(items: AsyncIterable<T>, limit: number): AsyncGenerator<T> {
  let count = 0
  for await (const item of items) {
    if (count++ === limit) return
    yield item
  }
}

async function* lines(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`
}

async function* rows(entries: AsyncIterable<AuditEntry>): AsyncGenerator<Record<string, unknown>> {
  for await (const { request, before, after, changes, ...entry } of entries) {
    const { method, path, body } = request ?? {}
    const [was, is, fields, asked] = [before, after, changes, body].map((value) =>
      value === undefined || typeof value === 'string' ? value : JSON.stringify(value),
    )

    yield { ...entry, method, path, before: was, after: is, changes: fields, body: asked }
  }
}
