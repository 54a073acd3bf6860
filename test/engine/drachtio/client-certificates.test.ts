import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions } from 'node:tls'
import { type RunningEngine, startEngine } from '../../../engine/drachtio/index.ts'
import { until } from '../../harness/until.ts'
import { TestAuthority } from '../transport/certificates.ts'

describe('clients that connect by TLS for SIP', () => {
  const authority = new TestAuthority()
  const server = authority.issue('server', 'IP:127.0.0.1')
  const client = authority.issue('client', 'DNS:client.test')
  const otherAuthority = new TestAuthority('Another authority')
  const unknown = otherAuthority.issue('unknown', 'DNS:client.test')
  const folder = mkdtempSync(join(tmpdir(), 'engine-tls-'))
  const xml = join(folder, 'drachtio.conf.xml')
  writeFileSync(
    xml,
    `<drachtio><sip>
      <contacts><contact>sips:127.0.0.1:0;transport=tls</contact></contacts>
      <tls><key-file>${server.key}</key-file><cert-file>${server.certificate}</cert-file></tls>
    </sip></drachtio>`,
  )
  let said: string
  let started: RunningEngine | undefined

  beforeEach(() => (said = ''))

  afterEach(async () => {
    await started?.close()
    started = undefined
  })

  after(() => {
    rmSync(folder, { recursive: true })
    authority.remove()
    otherAuthority.remove()
  })

  async function start(args: string[], env: Record<string, string> = {}): Promise<number> {
    const err = (text: string): void => void (said += text)
    const files = ['--file', xml, '--ca-file', authority.certificate, '-p', '0', '--loglevel', 'warning']
    const engine = await startEngine([...files, ...args], { env, out: () => undefined, err })
    if (engine.kind !== 'running') return assert.fail(said)
    started = engine

    return engine.server.userAgent.listeners[0]!.local.port
  }

  /** The status that a client with this certificate gets for OPTIONS. */
  async function outcome(port: number, shown?: typeof client): Promise<string> {
    const certificate: ConnectionOptions = shown
      ? { cert: readFileSync(shown.certificate), key: readFileSync(shown.key) }
      : {}
    const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(authority.certificate), ...certificate })
    const lines = ['OPTIONS sips:127.0.0.1 SIP/2.0', 'Via: SIP/2.0/TLS client.test;branch=z9hG4bK1', 'CSeq: 1 OPTIONS']
    const more = ['From: <sips:c@client.test>;tag=1', 'To: <sips:127.0.0.1>', 'Call-ID: tls', 'Max-Forwards: 70']
    socket.write([...lines, ...more, 'Content-Length: 0', '', ''].join('\r\n'))
    let come = ''
    socket.on('data', (data: Buffer) => {
      come += data.toString('latin1')
      socket.end()
    })
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.on('close', resolve))

    return /^SIP\/2\.0 \d+/.exec(come)?.[0] ?? 'no answer'
  }

  for (const [name, args, env] of [
    ['DRACHTIO_TLS_VERIFY_CLIENT_CERT', [], { DRACHTIO_TLS_VERIFY_CLIENT_CERT: '1' }],
    ['--tls-clients required', ['--tls-clients', 'required'], {}],
  ] as const) {
    it(`must present a certificate of a known authority with ${name}`, async () => {
      const port = await start([...args], { ...env })
      assert.equal(await outcome(port), 'no answer')
      assert.equal(await outcome(port, unknown), 'no answer')
      assert.equal(await outcome(port, client), 'SIP/2.0 503')
      const { stats } = started!.server.userAgent
      await until('the connection is closed', () => assert.equal(stats.transport.connectionsActive, 0))
      assert.equal(stats.transport.requestsIn.get('OPTIONS'), 1)
    })
  }

  it('need none by default', async () => {
    const port = await start([], { DRACHTIO_TLS_VERIFY_CLIENT_CERT: '0' })
    assert.equal(await outcome(port), 'SIP/2.0 503')
  })
})
