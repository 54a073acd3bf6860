import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from '../../harness/until.ts'
import { HomerStandIn } from '../../harness/hep.ts'
import { RawPeer } from '../user-agent/raw-peer.ts'
import { RawClient } from './raw-client.ts'

// `npm test` has just built it.
const program =
  process.env.BATON_TEST_BUILT === '1' ? ['dist/server/cli/main.js'] : ['--import', 'tsx', 'server/cli/main.ts']
const root = fileURLToPath(new URL('../../..', import.meta.url))

/** `baton engine` as a process of its own, and what it has said. */
function engine(...args: string[]) {
  const env = { ...process.env, DRACHTIO_CONFIG_FILE_PATH: '', DRACHTIO_SECRET: 'from outside' }
  const child = spawn(process.execPath, [...program, 'engine', ...args], { cwd: root, env })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))

  return { child, said }
}

describe('baton engine', () => {
  it('says when it is ready, serves in the foreground, and ends with 0 on SIGTERM', async () => {
    const { child, said } = engine('--noconfig', '--contact', 'sip:127.0.0.1:0;transport=udp', '--port', '0')
    while (!said.out.includes('\n')) await once(child.stdout, 'data')
    const [, port] = /^ready: applications on 127\.0\.0\.1:(\d+); SIP on udp\/127\.0\.0\.1:\d+\n$/.exec(said.out) ?? []
    const client = await RawClient.authenticated(Number(port), 'from outside')
    assert.deepEqual(await client.ask('ping'), ['OK', 'pong'])
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    assert.equal(code, 0, said.err)
    await client.closed()
  })

  it('copies its messages to the Homer that --homer names', async () => {
    const homer = await HomerStandIn.open()
    const at = ['--homer', `127.0.0.1:${homer.port}`, '--homer-id', '12']
    const { child, said } = engine('--noconfig', '--contact', 'sip:127.0.0.1:0;transport=udp', '--port', '0', ...at)
    while (!said.out.includes('\n')) await once(child.stdout, 'data')
    const peer = await RawPeer.open(`sip:${/udp\/([\d.:]+)/.exec(said.out)?.[1] ?? ''}`)
    try {
      peer.send(peer.make('OPTIONS', { callId: 'copied' }))
      const { status } = await peer.response('OPTIONS')
      await until('Homer has the request and the response', () => {
        const copies = homer.packets.map(({ payload }) => payload.slice(0, 11))

        return copies.some((payload) => payload.startsWith('OPTIONS ')) && copies.includes(`SIP/2.0 ${status}`)
      })
      assert.ok(homer.packets.every(({ correlation, captureId }) => correlation === 'copied' && captureId === 12))
    } finally {
      peer.close()
      homer.close()
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  })

  it('ends with 1 and all that is wrong with its options', async () => {
    const { child, said } = engine('--noconfig', '--port', 'x', '--contact', 'sip:nowhere.example')
    const [code] = (await once(child, 'exit')) as [number]
    assert.equal(code, 1)
    assert.match(said.err, /--port: x is no whole number/)
  })
})
