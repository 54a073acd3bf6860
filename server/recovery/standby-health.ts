import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Settings } from '../../config/index.ts'

/** What a standby tells at HTTP_LISTEN while it waits. */
interface StandbyHealth {
  /** Resolves when the address is free for the Baton that takes over. */
  close(): Promise<void>
}

const nothing: StandbyHealth = { close: () => Promise.resolve() }

/**
 * Answers at HTTP_LISTEN until the standby takes over: `/livez` with 200, `/readyz` with 503, both with what it waits for. Without
 * an answer where another program has that address: a Baton on the same machine, for example.
 *
 * @param detail what the standby waits for, now
 */
export async function tellHealth(
  { address, port }: Settings['http'],
  detail: () => string,
  log: { info(message: string, fields?: object): unknown },
): Promise<StandbyHealth> {
  const server = createServer((request, response) => {
    const isLive = request.url === '/livez'
    const check = { name: 'recovery', ok: false, state: 'failed', detail: detail() }
    response.writeHead(isLive ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify({ status: isLive ? 'ok' : 'unavailable', checks: [check] }))
  })
  server.listen(port, address)
  try {
    await once(server, 'listening')
  } catch (error) {
    log.info('the standby tells of its health nowhere: HTTP_LISTEN is not free', { error })

    return nothing
  }

  return {
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
