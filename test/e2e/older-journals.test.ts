import assert from 'node:assert/strict'
import { total } from '../harness/metrics.ts'
import { freePort } from '../harness/ports.ts'
import { until } from '../harness/until.ts'
import { OlderCall, olderJournals } from './older-call.ts'
import { Site } from './restarted-site.ts'

describe('A journal that an earlier release has left', function () {
  this.timeout(60_000)

  for (const name of olderJournals) {
    it(`${name}: its call goes on, and the CDR of the one that had ended is written`, async () => {
      const port = await freePort()
      const site = await Site.open({ SIP_LISTEN: `udp:127.0.0.1:${port}` })
      const call = await OlderCall.open(name, site.folder, port)
      try {
        const after = await site.start()
        const taken = await after.logged('calls of the process before taken up')
        assert.deepEqual([taken.recovered, taken.cdrsWritten], [1, 1])
        await call.end()
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
        call.close()
        await site.close()
      }
    })
  }
})
