import assert from 'node:assert/strict'
import { csvHead, csvRow } from '../../../server/api/paths/call-list-paths.ts'
import type { CallView } from '../../../server/legs/views.ts'

const times = { startedAt: '2026-01-05T09:00:00.000Z', answeredAt: '2026-01-05T09:00:01.000Z' }
const call = {
  ...{ id: 'c1', ...times, endedAt: '2026-01-05T09:01:00.000Z', durationSeconds: 59, project: 'hotel' },
  ...{ environment: 'live', version: 3, trunk: 'carrier', called: '+14155550100', state: 'ended', result: 'answered' },
  ...{ reason: 'hangup', sipStatus: 200, endedBy: 'caller' },
  caller: { uri: 'sip:+14155550123@192.0.2.1', number: '+14155550123', callId: 'x' },
  agent: { uri: 'sip:agent@192.0.2.2', callId: 'y' },
  destination: { uri: 'sip:desk@192.0.2.3', callId: 'z', handoff: 'desk' },
  transfers: [
    { handoff: 'desk', state: 'ended', result: 'failed', reason: 'busy' },
    { handoff: 'duty', state: 'running' },
  ],
} as unknown as CallView

const rowOf = (more: object) => csvRow({ ...call, ...more })

describe('Calls as CSV', () => {
  it('have a column for each name of the first line (RFC 4180 2)', () => {
    const names = csvHead.trimEnd().split(',')
    const values = csvRow(call).slice(0, -2).split(',')
    assert.deepEqual(Object.fromEntries(names.map((name, at) => [name, values[at]])), {
      id: 'c1',
      started_at: times.startedAt,
      answered_at: times.answeredAt,
      ended_at: '2026-01-05T09:01:00.000Z',
      duration_seconds: '59',
      project: 'hotel',
      environment: 'live',
      version: '3',
      trunk: 'carrier',
      caller: '+14155550123',
      caller_uri: 'sip:+14155550123@192.0.2.1',
      called: '+14155550100',
      agent: 'sip:agent@192.0.2.2',
      destination: 'sip:desk@192.0.2.3',
      state: 'ended',
      result: 'answered',
      reason: 'hangup',
      sip_status: '200',
      ended_by: 'caller',
      transfers: '2',
      transfer_handoffs: 'desk; duty',
      transfer_results: 'failed; running',
      transfer_reasons: 'busy; ',
    })
  })

  it('leave empty what a call has not, and end in CRLF', () => {
    const row = rowOf({ answeredAt: undefined, destination: undefined, transfers: [] })
    assert.match(row, /^c1,2026-01-05T09:00:00\.000Z,,/)
    assert.match(row, /,sip:agent@192\.0\.2\.2,,ended,answered,hangup,200,caller,0,,,\r\n$/)
  })

  it('quote commas, quotes and line breaks, and let no spreadsheet run a formula', () => {
    assert.match(rowOf({ trunk: 'a,"b"\n' }), /,"a,""b""\n",/)
    for (const text of ['=1+1', '+cmd', '-1a', '@x', '\t=1']) {
      assert.ok(rowOf({ trunk: text }).includes(`,'${text},`), text)
    }
  })
})
