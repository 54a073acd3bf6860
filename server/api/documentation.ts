import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { RouteOptions } from 'fastify'
import { stringify } from 'yaml'
import { describeRefusals } from './described-refusals.ts'
import type { Api } from './typed.ts'

/**
 * The OpenAPI document and its page at `/docs`. Returns what makes both texts of the document, once every path is there: they
 * are long, and made before there are calls that would wait for it.
 */
export async function describe(api: Api, version: string): Promise<() => void> {
  const texts: Record<string, { type: string; text: () => Buffer }> = {
    '/docs/json': once('application/json; charset=utf-8', () => JSON.stringify(api.swagger())),
    '/docs/yaml': once('application/x-yaml', () => stringify(api.swagger())),
  }
  api.addHook('onRoute', describeRefusals)
  api.addHook('onRoute', (route: RouteOptions) => {
    const kept = texts[route.url]
    if (kept) route.handler = (_request, reply) => reply.type(kept.type).serializer(String).send(kept.text())
    if (route.url === '/docs' || route.url.startsWith('/docs/')) route.config = { ...route.config, byBasic: true }
  })
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Baton',
        version,
        description: 'Calls, transfers and routing tables. Errors are problem details (RFC 9457).',
      },
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN, once it is set' } },
      },
      security: [{ token: [] }],
    },
  })
  await api.register(swaggerUi, { routePrefix: '/docs' })
  api.get('/', { config: { open: true }, schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'))

  return () => {
    for (const { text } of Object.values(texts)) text()
  }
}

function once(type: string, make: () => string): { type: string; text: () => Buffer } {
  let kept: Buffer | undefined

  return { type, text: () => (kept ??= Buffer.from(make())) }
}
