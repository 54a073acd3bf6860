import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { usualProbe } from '../../../base/probe.ts'
import { TimerWheel } from '../../../engine/index.ts'
import { EmbeddedStack } from '../../../server/sip/embedded/index.ts'
import { Probes } from '../../../server/targets/probes.ts'
import { Targets } from '../../../server/targets/targets.ts'
import { until } from '../../harness/until.ts'

/** Answers each OPTIONS, in a process of its own: its CPU time is not Baton's. */
const answering = `
const socket = require('node:dgram').createSocket('udp4')
socket.on('message', (data, { port, address }) => {
  const [, ...lines] = data.toString().split('\\r\\n')
  const copied = lines.filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
  socket.send(['SIP/2.0 200 OK', ...copied.map((line) => line.startsWith('To:') ? line + ';tag=t' : line), 'Content-Length: 0', '', ''].join('\\r\\n'), port, address)
})
socket.bind(0, '0.0.0.0', () => console.log(socket.address().port))
`
const noop = (): void => undefined
const count = 1000
/** A tenth of the usual interval. */
const interval = 3

describe('probes', () => {
  it('of a thousand targets take a small share of a core at their usual interval', async () => {
    const party = spawn(process.execPath, ['-e', answering], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [port] = (await once(party.stdout, 'data')) as [Buffer]
    const clock = new TimerWheel()
    const stack = new EmbeddedStack({
      listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
      ...{ userAgent: 'Baton', timers: { t1: 500, t2: 4000, t4: 5000 }, log: { warn: noop, error: noop } },
    })
    await stack.start({ invite: noop, request: noop, message: noop, connected: noop })
    let asked = 0
    const request: EmbeddedStack['request'] = async (...given) => {
      const response = await stack.request(...given)
      asked += 1

      return response
    }
    const probes = new Probes({
      stack: { request, resolve: (uri) => stack.resolve(uri) },
      clock,
      usualInterval: interval,
      random: Math.random,
    })
    const targets = new Targets({
      clock,
      listener: {
        ...{ changed: noop, learned: noop, added: noop },
        used: (target) => {
          probes.watch(target)
        },
        gone: (target) => {
          probes.forget(target)
        },
      },
    })
    targets.setUses(
      'trunks',
      Array.from({ length: count }, (_, i) => ({
        ...{ kind: 'gateway', usedBy: 'trunk carrier', probe: usualProbe },
        uri: `sip:127.1.${Math.floor(i / 250)}.${1 + (i % 250)}:${Number(String(port))}`,
      })),
    )
    await until('each is asked', () => asked >= count)
    const from = process.cpuUsage()
    await until('each is asked again', () => asked >= 2 * count)
    const { user, system } = process.cpuUsage(from)
    const states = [...targets.all].filter(({ state }) => state === 'up').length
    targets.close()
    await stack.close()
    clock.clear()
    party.kill()

    assert.ok(states >= count * 0.9, `${states} are up`)
    // About 1 % on a quiet machine.
    const share = (user + system) / 1e6 / 30
    assert.ok(share < 0.04, `${(share * 100).toFixed(2)} % of a core`)
  })
})
