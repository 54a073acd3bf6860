import assert from 'node:assert/strict'
import type { Logger } from 'winston'
import { createMetrics } from '../../../metrics/index.ts'
import type { Call } from '../../../server/calls/call.ts'
import type { Cdrs } from '../../../server/calls/cdr.ts'
import { Events } from '../../../server/calls/events.ts'
import { Observer } from '../../../server/calls/observer.ts'
import type { Transfer } from '../../../server/transfer/transfer.ts'
import { parseMetrics } from '../../harness/metrics.ts'

describe('Exceptions', () => {
  it('are counted by what they were stopped at, and are there at 0 before the first', async () => {
    const metrics = createMetrics()
    const errors: string[] = []
    const log = { error: (message: string) => errors.push(message) } as unknown as Logger
    const routing = { transferEnded: () => undefined }
    const observer = new Observer({ events: new Events(), metrics, cdrs: {} as unknown as Cdrs, log, routing })
    const counted = async () => {
      const samples = parseMetrics(await metrics.text())

      return ['call', 'transfer', 'request', 'record', 'process'].map((place) =>
        samples.get(`baton_exceptions_total{in="${place}"}`),
      )
    }
    assert.deepEqual(await counted(), [0, 0, 0, 0, 0])
    const call = { project: 'demo', environment: 'live' } as unknown as Call
    observer.defect(new Error('oops'))
    observer.defect(new Error('oops'), call)
    observer.defect(new Error('oops'), call)
    observer.defect(new Error('oops'), call, {} as unknown as Transfer)

    assert.deepEqual(await counted(), [2, 1, 1, 0, 0])
    assert.equal(errors.length, 4)
  })
})
