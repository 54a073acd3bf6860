import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { exchange } from './single-requests.ts'
import { until } from '../harness/until.ts'

const optionsFor = (baton: Baton) => [
  `OPTIONS sip:${baton.sip()} SIP/2.0`,
  'From: <sip:monitor@127.0.0.1>;tag=1',
  `To: <sip:${baton.sip()}>`,
  'Call-ID: is-it-there',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
  '',
  '',
]

for (const stack of stacks) {
  describe(`Running Baton (${stack.name})`, () => {
    needs('sipp')

    it('SIGTERM lets calls that are up end by themselves, refuses new ones, and leaves a CDR for each', async () => {
      const baton = await Baton.start({ stack })
      const agent = await Sipp.answering({ scenario: 'uas-call-answered' })
      const parties = [agent]
      try {
        await baton.project({
          project: 'demo',
          environments: { live: { numbers: ['+14155550100'], agents: [agent.uri] } },
          table: {
            handoffs: [{ name: 'desk', description: 'Reception', default: true, route: 'sip:desk@127.0.0.1:9' }],
          },
        })
        const first = await Sipp.calling({ scenario: 'uac-call-answered', pause: 1500 }, '+14155550100', baton.sip())
        parties.push(first)
        await baton.events.when('answer', ({ type }) => type === 'call.answered')
        const exited = baton.terminate()
        await until('Baton is draining', async () => (await baton.request('GET', '/readyz')).status !== 200)
        assert.match(await exchange('127.0.0.1', baton, optionsFor(baton)), /^SIP\/2\.0 503 /)
        const second = await Sipp.calling({ scenario: 'uac-call-refused' }, '+14155550100', baton.sip())
        parties.push(second)
        await Promise.all(parties.map(({ done }) => done))

        assert.match(second.trace().message('< 503 INVITE').header('Retry-After'), /^\d+$/)
        assert.equal(await exited, 0)
        const [file = ''] = readdirSync(join(baton.dataDir, 'cdr'))
        const cdrs = readFileSync(join(baton.dataDir, 'cdr', file), 'utf8')
          .trim()
          .split('\n')
        const reasons = cdrs.map((line) => (JSON.parse(line) as { reason: string }).reason)
        assert.deepEqual(reasons.sort(), ['draining', 'hangup'])
      } finally {
        await Promise.all([...parties.map((party) => party.close()), baton.stop()])
      }
    })

    it('noise on the SIP port is counted and dropped, and the next call goes through', async () => {
      const baton = await Baton.start({ stack })
      try {
        const socket = createSocket('udp4')
        const port = Number(baton.sip().split(':')[1])
        const noise = [
          '\0\0\0\0',
          'GET / HTTP/1.1\r\n\r\n',
          'INVITE',
          'SIP/2.0 200',
          'x'.repeat(60_000),
          '\r\n\r\n\r\n',
          '{}',
        ]
        const send = (text: string) =>
          new Promise((resolve) => {
            socket.send(text, port, '127.0.0.1', resolve)
          })
        for (const text of noise) await send(text)
        socket.close()
        const { call, traces } = await play(baton, {
          caller: { scenario: 'uac-call-answered', pause: 50 },
          agents: { agent: { scenario: 'uas-call-answered' } },
        })
        assert.equal(call.result, 'answered')
        assert.equal(traces.caller?.lines.length, 6)
        if (stack.name === 'embedded') {
          const samples = await baton.metrics()
          assert.ok(total(samples, 'baton_engine_bad_messages_total') >= noise.length - 2)
          if (process.platform === 'linux') {
            assert.equal(samples.get('baton_engine_udp_receive_errors_total{of="listeners"}'), 0)
          }
        }
      } finally {
        await baton.stop()
      }
    })

    it('every mistake in the settings is named at start', async () => {
      const start = Baton.start({
        stack,
        file: { agent_timeout: 'soon' },
        env: { SIP_LISTEN: 'udp:nowhere', MEDIA: 'tape' },
      })
      await assert.rejects(start, (error: Error) => {
        for (const setting of [/SIP_LISTEN/, /MEDIA/, /agent_timeout/i]) assert.match(error.message, setting)

        return true
      })
    })
  })
}
