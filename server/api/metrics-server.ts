import fastify, { type FastifyInstance } from 'fastify'

/** The part of the metrics that their listener needs. */
export interface MetricsText {
  contentType: string
  text(): Promise<string>
}

/** The listener that Prometheus scrapes: `GET /metrics` and nothing else. */
export function buildMetricsServer(metrics: MetricsText): FastifyInstance {
  const server = fastify({ logger: false, requestTimeout: 10_000, forceCloseConnections: true })
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
  server.setNotFoundHandler((_request, reply) =>
    reply.status(404).type('text/plain').send('Metrics are at /metrics.\n'),
  )

  return server
}
