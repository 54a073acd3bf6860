import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { Baton } from '../harness/baton.ts'
import { until } from '../harness/until.ts'
import { stacks } from '../harness/stacks.ts'
import { exchange } from './single-requests.ts'

const number = '+14155552301'
const rejected = 'baton_calls_total{environment="none",project="none",reason="unknown_trunk",result="rejected"}'
const told = (result: string) => `baton_unknown_source_requests_total{result="${result}"}`

let invites = 0

/** Resolves with the final response to an INVITE from that address; rejects when none comes in the time given. */
function dial(baton: Baton, address: string, headers: readonly string[] = [], seconds = 10): Promise<string> {
  invites += 1

  return exchange(
    address,
    baton,
    [
      `INVITE sip:${number}@${baton.sip()} SIP/2.0`,
      `From: <sip:x@${address}>;tag=${invites}`,
      `To: <sip:${number}@${baton.sip()}>`,
      `Call-ID: unknown-${invites}-${process.pid}`,
      'CSeq: 1 INVITE',
      `Contact: <sip:x@${address}:9>`,
      ...headers,
      'Content-Length: 0',
      '',
      '',
    ],
    seconds,
  )
}

for (const stack of stacks) {
  describe(`INVITEs from an address that no trunk has (${stack.name})`, () => {
    const file = { trunks: [{ name: 'carrier', peers: ['127.0.0.2'] }] }

    it('are refused with 403 and counted, and are no calls: no CDR, no event, none of the recent calls', async () => {
      const baton = await Baton.start({ stack, file, env: { UNKNOWN_SOURCE_LIMIT: '0' } })
      try {
        assert.match(await dial(baton, '127.0.0.2'), /^SIP\/2.0 404 /)
        for (let count = 0; count < 30; count++) assert.match(await dial(baton, '127.0.0.1'), /^SIP\/2.0 403 /)
        const samples = await baton.metrics()
        assert.equal(samples.get(rejected), 30)
        assert.equal(samples.get(told('refused')), 30)
        assert.equal(samples.get('baton_blocked_sources'), 0)
        const { calls } = await baton.api<{ calls: { trunk: string }[] }>('GET', '/v1/calls')
        assert.deepEqual(
          calls.map(({ trunk }) => trunk),
          ['carrier'],
        )
        assert.equal(baton.events.seen.filter(({ type }) => type === 'call.started').length, 1)
        await baton.logged('call ended')
        const lines = baton.log.filter(
          ({ message }) => message === 'an INVITE of a source that no trunk has was refused',
        )
        assert.equal(lines.length, 1)
        assert.equal(lines[0]?.address, '127.0.0.1')
        assert.equal(lines[0].level, 'warn')
        await baton.terminate()
        const day = new Date().toISOString().slice(0, 10)
        const cdrs = await readFile(join(baton.dataDir, 'cdr', `cdr-${day}.jsonl`), 'utf8')
        assert.equal(cdrs.trim().split('\n').length, 1)
      } finally {
        await baton.stop()
      }
    })

    it('are not answered for a while when there are many, which keeps no peer of a trunk from calling', async () => {
      const env = { UNKNOWN_SOURCE_LIMIT: '5', UNKNOWN_SOURCE_BLOCK: '2' }
      const baton = await Baton.start({ stack, file, env })
      try {
        for (let count = 0; count < 5; count++) assert.match(await dial(baton, '127.0.0.1'), /^SIP\/2.0 403 /)
        if (!stack.tellsAll) {
          // A drachtio server has answered 100 by itself.
          for (let count = 0; count < 5; count++) assert.match(await dial(baton, '127.0.0.1'), /^SIP\/2.0 403 /)
          return
        }
        const blocked = await baton.logged('a source that no trunk has is not answered for a while')
        assert.deepEqual([blocked.address, blocked.seconds], ['127.0.0.1', 2])
        assert.equal((await baton.metrics()).get('baton_blocked_sources'), 1)
        await assert.rejects(dial(baton, '127.0.0.1', [], 0.5))
        assert.equal((await baton.metrics()).get(told('blocked')), 1)
        assert.equal((await baton.metrics()).get(rejected), 5)
        for (let count = 0; count < 10; count++) assert.match(await dial(baton, '127.0.0.2'), /^SIP\/2.0 404 /)
        assert.match(await dial(baton, '127.0.0.3'), /^SIP\/2.0 403 /, 'another address')
        await until('no source is blocked any more', async () => {
          assert.equal((await baton.metrics()).get('baton_blocked_sources'), 0)
        })
        assert.match(await dial(baton, '127.0.0.1'), /^SIP\/2.0 403 /)
      } finally {
        await baton.stop()
      }
    })

    it('are not answered at all when a scanner sends them', async function () {
      // A drachtio server has answered 100 by itself; it has a list of its own.
      if (!stack.tellsAll) return this.skip()
      const baton = await Baton.start({ stack, file })
      const scanner = ['User-Agent: Friendly-Scanner/1.8']
      try {
        await assert.rejects(dial(baton, '127.0.0.1', scanner, 0.5))
        assert.match(await dial(baton, '127.0.0.2', scanner), /^SIP\/2.0 404 /, "a trunk's customer")
        assert.match(await dial(baton, '127.0.0.1', ['User-Agent: snom']), /^SIP\/2.0 403 /)
        assert.equal((await baton.metrics()).get(told('scanner')), 1)
      } finally {
        await baton.stop()
      }
    })
  })
}
