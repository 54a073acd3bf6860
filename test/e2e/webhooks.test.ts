import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { BatonEvent } from '../../server/calls/events.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { play, type Cast } from '../harness/story.ts'
import { agentTold } from './moments.ts'
import { asking, consulting } from './parts.ts'
import { onLadder } from './moments.ts'
import { frontDesk } from './traps.ts'

type Uri = (party: string) => string
const bridgedDesk = (uri: Uri) => [{ ...frontDesk, method: 'invite', route: uri('desk') }]
const stays = { scenario: 'uac-call-answered', until: agentTold }

const stories: [outcome: string, cast: Cast][] = [
  [
    'succeeded answered',
    {
      caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
      agents: { agent: asking() },
      handoffs: () => [frontDesk],
    },
  ],
  [
    'failed redirected',
    {
      caller: stays,
      agents: { agent: asking() },
      destinations: {
        desk: { scenario: 'uas-call-redirected', keys: { redirection: 'SIP/2.0 302 Moved Temporarily' } },
      },
      handoffs: bridgedDesk,
    },
  ],
  [
    'failed cancelled',
    {
      caller: stays,
      agents: { agent: asking() },
      destinations: { desk: { scenario: 'uas-ringing-cancelled' } },
      handoffs: bridgedDesk,
      meanwhile: async ({ id, baton }) => {
        await onLadder(baton, id, ({ leg, text }) => leg === 'destination' && text.startsWith('SIP/2.0 180'))
        await baton.api('POST', `/v1/calls/${id}/transfer/cancel`)
      },
    },
  ],
  [
    'succeeded joined',
    {
      caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
      agents: { agent: consulting('released', 'asks-released') },
      destinations: { desk: { scenario: 'uas-call-reoffered' } },
      handoffs: (uri) => [{ ...frontDesk, route: uri('desk') }],
    },
  ],
]

function byCall(events: readonly BatonEvent[]): Record<string, BatonEvent[]> {
  const calls: Record<string, BatonEvent[]> = {}
  for (const event of events) (calls[event.callId ?? ''] ??= []).push(event)

  return calls
}

describe('Webhooks of a call', () => {
  needs('sipp')

  it('bring the same events in the same order as the stream does, each signed, whatever becomes of a transfer, the last ones when Baton stops', async () => {
    const received: { event: BatonEvent; signed: boolean }[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = request.headers
        const expected = createHmac('sha256', 'long')
          .update(`${String(id)}.${String(time)}.${body}`)
          .digest('base64')
        received.push({ event: JSON.parse(body) as BatonEvent, signed: signature === `v1,${expected}` })
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
      const events: BatonEvent[] = []
      for (const [, cast] of stories) events.push(...(await play(baton, cast)).allEvents)
      await baton.terminate()
      const ids = new Set(events.map(({ id }) => id))
      const ofCalls = received.map(({ event }) => event).filter(({ id }) => ids.has(id))
      // Calls go side by side.
      assert.deepEqual(byCall(ofCalls), byCall(events))
      const ended = ofCalls.filter(({ type }) => type === 'transfer.ended').map(({ data }) => data.transfer)
      assert.deepEqual(
        ended.map((transfer) => `${transfer?.result} ${transfer?.reason}`),
        stories.map(([outcome]) => outcome),
      )
      assert.ok(ended.every((transfer) => transfer?.attempts.every(({ evidence }) => evidence.length > 0)))
      assert.ok(received.every(({ signed }) => signed))
    } finally {
      await baton.stop()
      server.close()
    }
  })
})
