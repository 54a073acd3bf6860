import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { asking } from './parts.ts'
import { frontDesk } from './traps.ts'

describe('Webhooks of a call', () => {
  needs('sipp')

  it('bring the same events in the same order as the stream does, each signed, the last ones when Baton stops', async () => {
    const received: { id: number; signed: boolean; type: string }[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = request.headers
        const expected = createHmac('sha256', 'long')
          .update(`${String(id)}.${String(time)}.${body}`)
          .digest('base64')
        const event = JSON.parse(body) as { id: number; type: string }
        received.push({ id: event.id, type: event.type, signed: signature === `v1,${expected}` })
        response.writeHead(204).end()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const [stack] = stacks
    assert.ok(stack)
    const baton = await Baton.start({ stack, env: { WEBHOOK_URL: url, WEBHOOK_SECRET: 'long' } })
    try {
      const { events } = await play(baton, {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: asking() },
        handoffs: () => [frontDesk],
      })
      await baton.terminate()
      const ids = new Set(events.map(({ id }) => id))
      const ofCall = received.filter(({ id }) => ids.has(id))
      assert.deepEqual(
        ofCall.map(({ id, type }) => `${id} ${type}`),
        events.map(({ id, type }) => `${id} ${type}`),
      )
      assert.ok(received.every(({ signed }) => signed))
    } finally {
      await baton.stop()
      server.close()
    }
  })
})
