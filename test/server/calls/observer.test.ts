import assert from 'node:assert/strict'
import type { Logger } from 'winston'
import { createMetrics } from '../../../metrics/index.ts'
import type { Call } from '../../../server/calls/call.ts'
import type { WrittenCdr, Cdrs } from '../../../server/calls/cdr.ts'
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

  it('before there is a call are calls that failed with 500', async () => {
    const metrics = createMetrics()
    const log = { error: () => undefined } as unknown as Logger
    const routing = { transferEnded: () => undefined }
    new Observer({ events: new Events(), metrics, cdrs: {} as unknown as Cdrs, log, routing }).failedBeforeCall()
    const samples = parseMetrics(await metrics.text())
    const labels = 'environment="none",project="none",reason="internal_error",result="failed"'
    assert.equal(samples.get(`baton_calls_total{${labels}}`), 1)
  })

  it('in the record of one call cost no other call its record', async () => {
    const metrics = createMetrics()
    const errors: string[] = []
    const log = { error: (message: string) => errors.push(message), log: () => undefined } as unknown as Logger
    const written: WrittenCdr[] = []
    const cdrs = { write: (records: readonly WrittenCdr[]) => written.push(...records) } as unknown as Cdrs
    const routing = { transferEnded: () => undefined }
    const observer = new Observer({ events: new Events(), metrics, cdrs, log, routing })
    for (const id of ['first', 'broken', 'last']) observer.ended(endedCall(id))
    observer.flush()
    assert.deepEqual(
      written.map(({ json }) => (JSON.parse(json) as { id: string }).id),
      ['first', 'last'],
    )
    assert.deepEqual(errors, ['a CDR or the log line of an ended call is lost'])
    assert.equal(parseMetrics(await metrics.text()).get('baton_exceptions_total{in="record"}'), 1)
  })
})

/** A call that has ended; the one named `broken` cannot be shown. */
function endedCall(id: string): Call {
  const caller = { uri: 'sip:ann@127.0.0.1', number: '', name: '', called: '' }
  const origin = { node: 'test', source: { transport: 'udp', address: '127.0.0.1', port: 5060 }, identity: {} }
  const call = {
    ...{
      id,
      project: 'demo',
      environment: 'live',
      state: 'ended',
      startedAt: 0,
      transfers: [],
      pastTransfers: [],
      tried: [],
      states: [],
      recording: { view: () => undefined },
    },
    ...{ admission: { caller, trunk: { name: 'local' }, refusal: {} }, caller: { callId: id }, handoffInstead: '' },
    termination: { result: 'answered', reason: 'hangup', sipStatus: 200, level: 'info' },
  }

  return (id === 'broken' ? call : { ...call, origin }) as unknown as Call
}
