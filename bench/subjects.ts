/** The systems under test. Each is started on loopback, in front of one agent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { freePort, listening, earlyEnd, start, stop, type Started } from './processes.ts'

export interface Subject {
  name: string
  start(agent: number): Promise<Running>
}

export interface Running {
  /** Where callers send their INVITEs: a UDP port of 127.0.0.1. */
  port: number
  /** The subject's processes, but for the children of these. */
  pids: readonly number[]
  stop(): Promise<void>
}

/** The yardstick: Kamailio as a stateful, record-routing proxy with two workers. */
export const kamailio: Subject = {
  name: 'kamailio',
  async start(agent) {
    const port = await freePort()
    const run = mkdtempSync(join(tmpdir(), 'baton-bench-kamailio-'))
    const proxy = start(kamailioCommand, [
      ...['-f', resolve('bench/kamailio.cfg'), '-DD', '-E', '-n', '2', '-m', '256', '-M', '16', '-Y', run],
      ...['-l', `udp:127.0.0.1:${port}`, '-A', `DESTINATION="sip:127.0.0.1:${agent}"`],
    ])
    await listening(port, () => earlyEnd('Kamailio', proxy))

    return running(port, proxy, run)
  },
}

const kamailioCommand = '/usr/sbin/kamailio'

/** Ends the process and removes its folder when it is over. */
export function running(port: number, started: Started, folder: string): Running {
  return {
    port,
    pids: [started.child.pid ?? 0],
    async stop() {
      await stop(started)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
