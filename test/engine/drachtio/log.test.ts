import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningEngine, startEngine } from '../../../engine/drachtio/index.ts'
import { createServerLog } from '../../../engine/drachtio/server-log.ts'
import { LogOutput } from '../../../engine/drachtio/server-log.ts'
import { until } from '../../harness/until.ts'
import { RawPeer } from '../user-agent/raw-peer.ts'
import { RawClient } from './raw-client.ts'

const args = ['-c', 'sip:127.0.0.1:0;transport=udp', '-p', '0', '--secret', 's']

describe('the log of the engine', () => {
  let said: string
  let started: RunningEngine | undefined

  beforeEach(() => (said = ''))

  afterEach(async () => {
    await started?.close()
    started = undefined
  })

  async function start(more: string[]): Promise<RunningEngine> {
    const err = (text: string): void => void (said += text)
    const engine = await startEngine([...args, ...more], { env: {}, out: () => undefined, err })
    if (engine.kind !== 'running') return assert.fail(said)

    return (started = engine)
  }

  /** A peer sends OPTIONS with credentials, and an application answers. */
  async function exchange({ server }: RunningEngine): Promise<void> {
    const client = await RawClient.authenticated(server.adminPorts[0]!, 's', 'blue')
    await client.ask('route|options')
    const { port } = server.userAgent.listeners[0]!.local
    const peer = await RawPeer.open(`sip:127.0.0.1:${port}`)
    const authorization = 'Digest username="u",\r\n response="0123456789abcdef"'
    const text = peer.make('OPTIONS', { callId: 'shown' }).toString()
    peer.send(text.replace('\r\n', `\r\nAuthorization: ${authorization}\r\nX-Esc: \x1b[31m\r\n`))
    const { fields } = await client.sip()
    client.send(`sip|${fields[8] ?? ''}|\r\nSIP/2.0 480 Away\r\nCSeq: 1 OPTIONS\r\n\r\n`)
    await peer.response('OPTIONS')
    client.socket.end()
    await until('the application is disconnected', () => assert.equal(server.applications, 0))
    peer.close()
  }

  it('has connections of applications at notice, requests and messages at info, as drachtio-server, and frames at debug', async () => {
    const seen: Record<string, string[]> = {}
    for (const level of ['warning', 'notice', 'info', 'debug']) {
      said = ''
      const engine = await start(['--noconfig', '--loglevel', level])
      await exchange(engine)
      await engine.close()
      seen[level] = [
        / notice an application has connected application=127\.0\.0\.1:\d+ tags=blue\n/,
        / notice an application is gone application=127\.0\.0\.1:\d+ why=closed by the application\n/,
        / info a request is with an application method=OPTIONS .*from=udp\/127\.0\.0\.1:\d+ callId=shown application=/,
        / info recv \d+ bytes from udp\/\[127\.0\.0\.1\]:\d+ at [\d:.]+:\n {3}OPTIONS sip:/,
        / info send \d+ bytes to udp\/\[127\.0\.0\.1\]:\d+ at [\d:.]+:\n {3}SIP\/2\.0 480 Away\n/,
        / debug from an application application=\S+ frame=[\w-]+\|sip\|/,
        / debug to an application application=\S+ frame=[\w-]+\|response\|/,
      ].map((line) => (line.test(said) ? 'yes' : 'no'))
    }
    assert.deepEqual(seen, {
      warning: ['no', 'no', 'no', 'no', 'no', 'no', 'no'],
      notice: ['yes', 'yes', 'no', 'no', 'no', 'no', 'no'],
      info: ['yes', 'yes', 'yes', 'yes', 'yes', 'no', 'no'],
      debug: ['yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'],
    })
  })

  it('hides digest responses and the secret, and escapes control characters', async () => {
    await exchange(await start(['--noconfig', '--loglevel', 'debug', '--secret', 'not to be seen', '--secret', 's']))
    await started?.close()
    assert.match(said, /response="\*\*\*"/)
    assert.match(said, /X-Esc: \\x1b\[31m/)
    assert.doesNotMatch(said, /0123456789abcdef|not to be seen|authenticate\||\x1b/)
  })

  it('has requests that no application takes, and wrong secrets', async () => {
    const { server } = await start(['--noconfig', '--loglevel', 'info'])
    const client = await RawClient.connect(server.adminPorts[0]!)
    await client.ask('authenticate|wrong|')
    await client.closed()
    const { port } = server.userAgent.listeners[0]!.local
    const peer = await RawPeer.open(`sip:127.0.0.1:${port}`)
    peer.send(peer.make('MESSAGE', { callId: 'untaken' }))
    assert.equal((await peer.response('MESSAGE')).status, 503)
    peer.close()
    await until('both lines are logged', () => {
      assert.match(said, / info no application takes a request method=MESSAGE .*callId=untaken status=503\n/)
      assert.match(said, / warning a connection has not authenticated from=127\.0\.0\.1:\d+ why=refused: /)
    })
  })

  it('goes to the file of the XML, readable by its owner and group, and to a new one after SIGHUP’s reload', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-log-'))
    const [xml, log] = [join(folder, 'drachtio.conf.xml'), join(folder, 'engine.log')]
    writeFileSync(
      xml,
      `<drachtio><logging><file><name>${log}</name></file><loglevel>notice</loglevel></logging></drachtio>`,
    )
    try {
      const engine = await start(['--file', xml])
      await until('the file says what listens', () =>
        assert.match(readFileSync(log, 'utf8'), / notice listening applications=\d+ /),
      )
      assert.equal(said, '')
      assert.equal(statSync(log).mode & 0o007, 0)
      renameSync(log, `${log}.1`)
      await engine.reload()
      await until('the file says that certificates are reloaded', () =>
        assert.match(readFileSync(log, 'utf8'), /certificates reloaded/),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('stops the start, and names the file, when the file cannot be written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-log-'))
    const xml = join(folder, 'drachtio.conf.xml')
    writeFileSync(xml, `<drachtio><logging><file><name>${folder}</name></file></logging></drachtio>`)
    const err = (text: string): void => void (said += text)
    const { kind } = await startEngine(['--file', xml, ...args], { env: {}, out: err, err })
    rmSync(folder, { recursive: true })
    assert.equal(kind, 'failed')
    assert.match(said, /^logging\/file: the log cannot be written: EISDIR.*\n$/)
  })

  it('keeps 4 MiB for a console that does not read, drops the rest, and counts it', () => {
    let unread = 0
    const console = {
      write: (text: string) => void (said += text),
      get unread() {
        return unread
      },
    }
    const output = new LogOutput({ console, onConsole: false, file: undefined, fileMode: 0o640 })
    const log = createServerLog('error', (line) => output.write(line))
    unread = 5 * 1024 * 1024
    log.error('lost', {})
    log.error('lost, too', {})
    output.flush()
    assert.equal(said, '')
    unread = 0
    log.error('a peer’s text', { text: 'one\n2026 error two' })
    output.flush()
    assert.match(said, /^\S+ warning entries of the log were dropped: the console was too slow entries=2\n/)
    assert.match(said, /\n\S+ error a peer’s text text="one\\n2026 error two"\n$/)
  })
})
