/** SIPp as caller and as agent: INVITE, 180, 200, ACK, one second, BYE, over UDP on loopback. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { freePort, listening, earlyEnd, start, stop } from './processes.ts'

export interface LoadResult {
  calls: number
  failed: number
  /** Requests and responses that SIPp had to send again: what was lost, or came too late. */
  retransmissions: number
  /** From the INVITE to its 200, in milliseconds. */
  setup: { p50: number; p99: number }
  /** How long it took, in seconds. */
  seconds: number
}

/** The agent that answers all calls; `port` is where it listens. */
export async function startAgent(): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort()
  const agent = start('sipp', ['-sf', scenario('uas-call-answered'), ...common(port)])
  await listening(port, () => earlyEnd('SIPp (agent)', agent))

  return { port, stop: () => stop(agent) }
}

/** Places `rate` calls a second for `seconds` seconds, and waits until they are over. */
export async function placeCalls(target: number, rate: number, seconds: number): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  const calls = Math.round(rate * seconds)
  const limits = ['-r', rate, '-m', calls, '-l', rate * 10, '-d', 1000, '-timeout', Math.ceil(seconds + 40)].map(String)
  const traces = [
    '-pause_msg_ign',
    '-trace_stat',
    '-stf',
    join(folder, 'stat.csv'),
    '-fd',
    '1',
    '-trace_shortmsg',
    '-shortmessage_file',
    join(folder, 'short'),
  ]
  const started = Date.now()
  try {
    const caller = start(
      'sipp',
      [
        '-sf',
        scenario('uac-call-answered'),
        '-s',
        '+14155550100',
        ...common(await freePort()),
        ...limits,
        ...traces,
        `127.0.0.1:${target}`,
      ],
      { cwd: folder },
    )
    await once(caller.child, 'exit')
    const stat = lastRow(readFileSync(join(folder, 'stat.csv'), 'utf8'))
    const times = setupTimes(readFileSync(join(folder, 'short'), 'utf8'))

    return {
      calls: stat('SuccessfulCall(C)') + stat('FailedCall(C)'),
      failed: calls - stat('SuccessfulCall(C)'),
      retransmissions: stat('Retransmissions(C)'),
      setup: { p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
      seconds: (Date.now() - started) / 1000,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const scenario = (name: string) => resolve('sipp-scenarios', `${name}.xml`)
const common = (port: number) => ['-i', '127.0.0.1', '-p', String(port), '-nostdin', '-buff_size', '4000000']

/** The last row of SIPp's statistics, by column name. */
function lastRow(csv: string): (column: string) => number {
  const rows = csv.trim().split('\n')
  const columns = (rows[0] ?? '').split(';')
  const values = (rows.at(-1) ?? '').split(';')

  return (column) => Number(values[columns.indexOf(column)])
}

/**
 * Milliseconds from each INVITE to its 200, from SIPp's list of messages: date, time, seconds, S(ent) or R(eceived),
 * Call-ID, CSeq, start line. (SIPp's own response times have a resolution of 4 ms.)
 */
function setupTimes(messages: string): number[] {
  const sent = new Map<string, number>()
  const times: number[] = []
  for (const line of messages.split('\n')) {
    const [, , seconds, direction, callId = '', cseq = '', startLine = ''] = line.split('\t')
    if (!cseq.endsWith('INVITE')) continue
    const at = Number(seconds) * 1000
    const began = sent.get(callId)
    if (direction === 'S' && began === undefined) sent.set(callId, at)
    else if (began !== undefined && startLine.startsWith('SIP/2.0 200')) times.push(at - began)
  }

  return times
}

function percentile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b)

  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}
