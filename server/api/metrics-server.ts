import fastify, { type FastifyInstance } from 'fastify'
import { KeptText } from '../../engine/index.ts'
import { defaultHttpLimits, guardDoor, type HttpLimits, type HttpObserver } from './http-limits.ts'
import { problemOf } from './problems.ts'

/** The metrics in the format of Prometheus. */
interface MetricsText {
  contentType: string
  text(): Promise<string>
}

export interface MetricsServerParts {
  metrics: MetricsText
  httpLimits?: HttpLimits
  observer?: HttpObserver
}

/** The listener that Prometheus scrapes: `GET /metrics` and nothing else. */
export async function buildMetricsServer({
  metrics,
  httpLimits = defaultHttpLimits,
  observer,
}: MetricsServerParts): Promise<FastifyInstance> {
  const server = fastify({ logger: false, forceCloseConnections: true })
  const kept = new KeptText(() => metrics.text())
  server.setErrorHandler((error, _request, reply) => {
    const { status, detail } = problemOf(error)

    return reply.status(status).type('text/plain').send(`${detail}\n`)
  })
  await guardDoor(server, httpLimits, observer)
  server.get('/metrics', async (_request, reply) => {
    const { bytes, age } = await kept.read()

    return reply.type(metrics.contentType).header('age', age).send(bytes)
  })
  server.setNotFoundHandler((_request, reply) =>
    reply.status(404).type('text/plain').send('Metrics are at /metrics.\n'),
  )
  await server.ready()

  return server
}
