import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { RouteOptions } from 'fastify'
import { stringify } from 'yaml'

import { type Api, refusalResponse } from './path-parts.ts'

/**
 * The OpenAPI document and its page at `/docs`. Call the returned function when every path is registered: it serialises the
 * document, which is long, before calls come.
 */
export async function describe(api: Api, version: string): Promise<() => void> {
  const document = () => withComponents(withSuccesses(api.swagger() as unknown as Record<string, unknown>))
  const texts: Record<string, { type: string; text: () => Buffer }> = {
    '/docs/json': once('application/json; charset=utf-8', () => JSON.stringify(document())),
    '/docs/yaml': once('application/x-yaml', () => stringify(document())),
  }
  api.addHook('onRoute', describeRefusals)
  api.addHook('onRoute', (route: RouteOptions) => {
    const kept = texts[route.url]
    if (kept) route.handler = (_request, reply) => reply.type(kept.type).serializer(String).send(kept.text())
    if (route.url === '/docs' || route.url.startsWith('/docs/')) {
      route.config = { ...route.config, access: 'viewer', scope: 'shared', byBasic: true }
    }
  })
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Baton',
        version,
        description: 'Calls, transfers and routing tables. Errors are problem details (RFC 9457).',
      },
      servers: [{ url: '/', description: 'The Baton that serves this document' }],
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN, or an API token' } },
      },
      security: [{ token: [] }],
    },
  })
  await api.register(swaggerUi, { routePrefix: '/docs' })

  return () => {
    for (const { text } of Object.values(texts)) text()
  }
}

function once(type: string, make: () => string): { type: string; text: () => Buffer } {
  let kept: Buffer | undefined

  return { type, text: () => (kept ??= Buffer.from(make())) }
}

/**
 * Adds to a path's description the refusals that follow from its kind: those of the listener, the token, the validation,
 * and of every change of a project. A path names only its own.
 */
function describeRefusals({ method, url, schema, config }: RouteOptions): void {
  if (!schema || schema.hide) return
  const methods = [method].flat()
  const changes = !methods.includes('GET') && !methods.includes('HEAD')
  const ofProject = changes && url.startsWith('/v1/projects/')
  const conditions: [status: number, applies: boolean][] = [
    [400, changes || Boolean(schema.params ?? schema.querystring ?? schema.headers)],
    [401, config?.access !== 'open'],
    [403, true],
    [404, url.includes(':')],
    [409, ofProject],
    [412, ofProject && Boolean(schema.headers)],
    [413, changes],
    [415, changes],
    [422, Boolean(schema.body) || ofProject],
    [429, true],
    [500, true],
    [503, true],
  ]
  const general = conditions.filter(([, applies]) => applies).map(([status]) => [status, refusalResponse(status)])

  schema.response = { ...Object.fromEntries(general), ...(schema.response as object | undefined) }
}

/** Describes each answer whose schema has no description by the summary of its path. */
function withSuccesses(document: Part): Part {
  for (const path of Object.values(document.paths as Record<string, Record<string, Operation>>)) {
    for (const { summary = '', responses } of Object.values(path)) {
      for (const [status, response] of Object.entries(responses)) {
        const isDescribed = response.description !== '' && response.description !== 'Default Response'
        if (!isDescribed) response.description = `${STATUS_CODES[status] ?? ''}: ${summary}`
      }
    }
  }

  return document
}

interface Operation {
  summary?: string
  responses: Record<string, { description: string }>
}

/** An OpenAPI document, or a part of it. */
type Part = Record<string, unknown>

/**
 * Moves each schema that has a title to `components.schemas`, under that title, and refers to it (OpenAPI 3.1, 4.8.7.1), so
 * that clients which are made from the document have one type for it.
 */
function withComponents(document: Part): Part {
  const schemas: Part = {}
  const shown = hoisted(document, schemas) as Part
  const components = (shown.components ?? {}) as Part

  return {
    ...shown,
    components: { ...components, schemas: { ...(components.schemas as Part | undefined), ...schemas } },
  }
}

function hoisted(value: unknown, schemas: Part): unknown {
  if (Array.isArray(value)) return value.map((item) => hoisted(item, schemas))
  if (typeof value !== 'object' || value === null) return value
  const part = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hoisted(inner, schemas)]))
  if (typeof part.title !== 'string' || (part.type !== 'object' && part.anyOf === undefined)) return part
  const { title, ...schema } = part
  schemas[title] = schema

  return { $ref: `#/components/schemas/${title}` }
}
