import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { total } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { RawParty } from '../harness/raw-party.ts'
import { until } from '../harness/until.ts'
import { Site } from './restarted-site.ts'

/** Journals as releases have left them; the ports of their parties are filled in. */
const journals = new URL('../server/recovery/journals/', import.meta.url)

describe('A journal that an earlier release has left', function () {
  this.timeout(60_000)

  for (const name of readdirSync(journals)) {
    it(`${name}: its call goes on, and the CDR of the one that had ended is written`, async () => {
      const port = await freePort()
      const site = await Site.open({ SIP_LISTEN: `udp:127.0.0.1:${port}` })
      const [caller, agent] = [await RawParty.open(`127.0.0.1:${port}`), await RawParty.open(`127.0.0.1:${port}`)]
      try {
        const ports = { 10001: String(port), 10002: portOf(caller), 10003: portOf(agent) }
        let text = readFileSync(new URL(name, journals), 'utf8')
        for (const [written, real] of Object.entries(ports)) text = text.replaceAll(written, real)
        mkdirSync(join(site.folder, 'calls'))
        writeFileSync(join(site.folder, 'calls', 'calls-000001.jsonl'), text)
        const [, callId = '', tag = ''] = /"callId":"(olsjanskw7)","localTag":"(\w+)"/.exec(text) ?? []

        const after = await site.start()
        const taken = await after.logged('calls of the process before taken up')
        assert.deepEqual([taken.recovered, taken.cdrsWritten], [1, 1])
        caller.respond(await caller.next(/^OPTIONS /), '200 OK')
        agent.respond(await agent.next(/^OPTIONS /), '200 OK')
        caller.send([
          `BYE sip:127.0.0.1:${port} SIP/2.0`,
          `Via: SIP/2.0/UDP ${caller.address};branch=z9hG4bKbye;rport`,
          `From: <sip:+14155550123@${caller.address}>;tag=${callId}`,
          `To: <sip:+14155550177@127.0.0.1:${port}>;tag=${tag}`,
          ...[`Call-ID: ${callId}`, 'CSeq: 2 BYE', 'Max-Forwards: 70'],
        ])
        await caller.next(/^SIP\/2\.0 200 /)
        agent.respond(await agent.next(/^BYE /), '200 OK')
        await after.idle(['baton_calls_active', 'baton_engine_dialogs'])
        await until('both CDRs are written', () => site.cdrs.length === 2)
        assert.deepEqual(
          site.cdrs.map(({ reason }) => reason),
          ['hangup', 'hangup'],
        )
        assert.deepEqual(
          site.cdrs.flatMap(({ transfers }) => transfers.map(({ reason }) => reason)),
          ['busy'],
        )
        assert.equal(total(await after.metrics(), 'baton_exceptions_total'), 0)
      } finally {
        caller.close()
        agent.close()
        await site.close()
      }
    })
  }
})

const portOf = ({ address }: RawParty): string => address.split(':').at(-1) ?? ''
