import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '../../../engine/drachtio/index.ts'
import { type OptionSources, readOptions } from '../../../engine/drachtio/options/read-options.ts'
import { serverOptions } from '../../../engine/drachtio/options/server-options.ts'
import { type EngineSettings } from '../../../engine/drachtio/options/engine-settings.ts'
import { TestAuthority } from '../transport/certificates.ts'
import { RawClient } from './raw-client.ts'

const xml = `<drachtio>
  <!-- as drachtio-server's own sample -->
  <admin port="9033" secret="from the file" tcp-keepalive="30">127.0.0.1</admin>
  <request-handlers>
    <request-handler sip-method="invite" http-method="POST">http://127.0.0.1:3001</request-handler>
  </request-handlers>
  <sip>
    <contacts>
      <contact external-ip="203.0.113.5" dns-names="sip.example.org, example.org">sip:127.0.0.1:5070;transport=udp,tcp</contact>
      <contact>sip:127.0.0.1:5071;transport=udp</contact>
    </contacts>
    <outbound-proxy>sip:127.0.0.1:5099</outbound-proxy>
    <timers><t1>250</t1><t2>2000</t2><t4>2500</t4><t1x64>16000</t1x64></timers>
    <spammers action="reject"><header name="User-Agent"><value>sipvicious</value><value>Scanner</value></header></spammers>
    <session-timers default-refresher="uas"/>
    <capture-server port="9060" id="11">127.0.0.1</capture-server>
  </sip>
  <cdrs>true</cdrs>
  <monitoring><prometheus port="9999">127.0.0.1</prometheus></monitoring>
  <logging><loglevel>debug</loglevel></logging>
</drachtio>`

describe('options of the engine', () => {
  let folder: string
  let file: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-'))
    file = join(folder, 'drachtio.conf.xml')
    writeFileSync(file, xml)
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function settings(args: string[], env: OptionSources['env'] = {}): EngineSettings {
    const read = readOptions({ args, env })
    assert.equal(read.kind, 'settings', JSON.stringify(read))

    return (read as { settings: EngineSettings }).settings
  }

  function problems(args: string[], env: OptionSources['env'] = {}): readonly string[] {
    const read = readOptions({ args, env })
    assert.equal(read.kind, 'wrong')

    return (read as { problems: readonly string[] }).problems
  }

  it('have drachtio-server’s defaults', () => {
    const { contacts, adminPort, adminAddress, secret, timers } = settings(['--noconfig'])
    assert.deepEqual(contacts, [{ uri: 'sip:*;transport=udp,tcp' }])
    assert.deepEqual([adminPort, adminAddress, secret], [9022, '127.0.0.1', 'admin'])
    assert.deepEqual(timers, { t1: 500, t2: 4000, t4: 5000 })
  })

  it('are read from its XML file', () => {
    const read = settings(['--file', file])
    assert.deepEqual(read.contacts, [
      {
        uri: 'sip:127.0.0.1:5070;transport=udp,tcp',
        externalIp: '203.0.113.5',
        dnsNames: ['sip.example.org', 'example.org'],
      },
      { uri: 'sip:127.0.0.1:5071;transport=udp', externalIp: undefined, dnsNames: undefined },
    ])
    assert.deepEqual([read.adminPort, read.secret, read.tcpKeepAliveSeconds], [9033, 'from the file', 30])
    assert.deepEqual(read.timers, { t1: 250, t2: 2000, t4: 2500 })
    assert.deepEqual(read.spammers.userAgents, ['sipvicious', 'scanner'])
    assert.deepEqual(read.requestHandlers, [
      { sipMethod: 'INVITE', httpMethod: 'POST', verifyPeer: false, url: 'http://127.0.0.1:3001' },
    ])
    assert.deepEqual([read.defaultRefresher, read.cdrs, read.logLevel], ['uas', true, 'debug'])
    assert.equal(read.outboundProxy, 'sip:127.0.0.1:5099')
    assert.deepEqual(read.prometheus, { address: '127.0.0.1', port: 9999 })
  })

  it('are taken from the command line before the environment, and from the environment before the file', () => {
    const env = { DRACHTIO_CONFIG_FILE_PATH: file, DRACHTIO_SECRET: 'from env', DRACHTIO_ADMIN_TCP_PORT: '9044' }
    const read = settings(['--port', '9055', '--contact', 'sip:127.0.0.1:5080', '--loglevel=error'], env)
    assert.deepEqual([read.secret, read.adminPort, read.logLevel], ['from env', 9055, 'error'])
    assert.deepEqual(read.contacts, [{ uri: 'sip:127.0.0.1:5080' }])
  })

  it('apply to the contact that they follow', () => {
    const args = ['--noconfig', '-c', 'sip:127.0.0.1:5080', '--external-ip', '203.0.113.1', '-c', 'sip:127.0.0.1:5081']
    const built = serverOptions(settings(args))
    assert.ok('sip' in built)
    assert.deepEqual(
      built.sip.listen.map(({ transport, port, advertised }) => [transport, port, advertised?.host]),
      [
        ['udp', 5080, '203.0.113.1'],
        ['tcp', 5080, '203.0.113.1'],
        ['udp', 5081, undefined],
        ['tcp', 5081, undefined],
      ],
    )
  })

  it('choose whether a request without a To tag belongs to a dialog', () => {
    for (const [args, rule] of [
      [[], 'accepted'],
      [['--missing-to-tag', 'refused'], 'refused'],
    ] as const) {
      const built = serverOptions(settings(['--noconfig', '-c', 'sip:127.0.0.1:5080', ...args]))
      assert.equal('sip' in built && built.sip.missingToTag, rule)
    }
    assert.equal(settings(['--noconfig', '--answer-to', 'auto']).answerTo, 'auto')
    assert.match(problems(['--noconfig', '--missing-to-tag', 'maybe']).join(), /--missing-to-tag: maybe/)
  })

  it('verify no certificates by default, as drachtio-server does', () => {
    const files = ['--noconfig', '-c', 'sips:127.0.0.1:0', '--cert-file', 'cert.pem', '--key-file', 'key.pem']
    const verified = (args: string[], env: OptionSources['env'] = {}) => {
      const built = serverOptions(settings([...files, ...args], env))
      assert.ok('sip' in built)
      const tls = built.sip.listen[0]?.tls

      return [tls?.clients, tls?.servers, tls?.authorities, tls?.ciphers]
    }
    assert.deepEqual(verified([]), ['none', 'unverified', undefined, undefined])
    assert.deepEqual(verified(['--tls-servers', 'verified']), ['none', 'verified', undefined, undefined])
    const args = ['--tls-clients', 'required', '--ca-file', 'ca.pem']
    assert.deepEqual(verified(args), ['required', 'unverified', 'ca.pem', undefined])
    const env = { DRACHTIO_TLS_VERIFY_CLIENT_CERT: '1', DRACHTIO_TLS_CIPHER_LIST: 'ECDHE' }
    assert.deepEqual(verified([], env), ['required', 'verified', undefined, 'ECDHE'])
  })

  it('copy messages to the Homer that the environment or the XML file names', () => {
    const env = { DRACHTIO_HOMER_ADDRESS: '127.0.0.9', DRACHTIO_HOMER_PORT: '9061', DRACHTIO_HOMER_ID: '7' }
    assert.deepEqual(settings(['--noconfig'], env).homer, { host: '127.0.0.9', port: 9061, captureId: 7 })
    assert.deepEqual(settings(['--file', file]).homer, { host: '127.0.0.1', port: 9060, captureId: 11 })
  })

  it('name the variables of drachtio-server without effect here, and those that are unknown', () => {
    const names = [
      'DRACHTIO_SOFIA_LOGLEVEL',
      'DRACHTIO_TPORT_QUEUESIZE',
      'DRACHTIO_TPORT_MAX_CONSECUTIVE_TIMEOUTS',
      'DRACHTIO_BLACKLIST_REDIS_ADDRESS',
      'DRACHTIO_TLS_VERIFY_CLIENTS',
    ]
    const env = Object.fromEntries(names.map((name) => [name, '1500']))
    const read = readOptions({ args: ['--noconfig'], env: { ...env, DRACHTIO_HOST: '127.0.0.1' } })
    assert.ok(read.kind === 'settings')
    assert.equal(read.notices.length, names.length)
    for (const name of names) assert.match(read.notices.join('\n'), new RegExp(`^${name} has no effect here`, 'm'))
  })

  it('name every element and attribute of an XML file without effect, once', () => {
    writeFileSync(
      file,
      `<drachtio>
        <admin tls="true">127.0.0.1</admin>
        <sip>
          <contacts><contact local-net="10.0.0.0/8">sip:*</contact><contact local-net="10.1.0.0/16">sip:*:5070</contact></contacts>
          <tls><dh-param>dh.pem</dh-param></tls>
          <spammers action="discard"><header name="To"><value>100</value></header></spammers>
          <blacklist><redis-address>127.0.0.1</redis-address></blacklist>
          <udp-mtu>1500</udp-mtu>
          <nonsense><inside/></nonsense>
        </sip>
        <logging>
          <syslog><address>127.0.0.1</address></syslog>
          <file><name>engine.log</name><archive>old</archive><size>10</size></file>
          <sofia-loglevel>3</sofia-loglevel>
          <loglevel>notice</loglevel>
        </logging>
      </drachtio>`,
    )
    const read = readOptions({ args: ['--file', file], env: {} })
    assert.ok(read.kind === 'settings', JSON.stringify(read))
    assert.deepEqual(
      read.notices.map((notice) => /drachtio\.conf\.xml: (\S+) has no effect here: /.exec(notice)?.[1]),
      [
        'admin@tls',
        'sip/contacts/contact@local-net',
        'sip/tls/dh-param',
        'sip/spammers@action',
        'sip/blacklist',
        'sip/nonsense',
        'logging/syslog',
        'logging/file/archive',
        'logging/file/size',
        'logging/sofia-loglevel',
      ],
    )
    const { logLevel, log, udpMtu } = read.settings
    assert.deepEqual([logLevel, log.file, log.onConsole, udpMtu], ['notice', 'engine.log', false, 1500])
  })

  it('send requests beyond an MTU by TCP, as the command line, the environment or the file says', () => {
    const maximum = (args: string[], env: OptionSources['env'] = {}) => {
      const built = serverOptions(settings(['-c', 'sip:127.0.0.1:5080', ...args], env))

      return 'sip' in built && built.sip.transport?.udpMaximum
    }
    assert.equal(maximum(['--noconfig']), 65_535)
    assert.equal(maximum(['--noconfig', '--mtu', '1400']), 1400)
    assert.equal(maximum(['--noconfig'], { DRACHTIO_UDP_MTU: '1500' }), 1500)
    assert.equal(maximum(['--noconfig', '--mtu', '0'], { DRACHTIO_UDP_MTU: '1500' }), 65_535)
    assert.match(problems(['--noconfig', '--mtu', '900']).join(), /--mtu: 900 is no whole number from 1000/)
  })

  it('print the version', async () => {
    for (const option of ['--version', '-v']) {
      let said = ''
      const out = (text: string): void => void (said += text)
      const { kind } = await startEngine([option], { env: {}, version: '1.2.3', out, err: out })
      assert.deepEqual([kind, said], ['done', '1.2.3, drachtio protocol of v0.9.10\n'])
    }
  })

  it('name every mistake at once', () => {
    const found = problems([
      '--noconfig',
      '--port',
      'x',
      '--external-ip',
      '1.2.3.4',
      '--nonsense',
      '--loglevel',
      'loud',
    ])
    assert.equal(found.length, 4)
    for (const name of ['--port', '--external-ip', '--nonsense', '--loglevel']) {
      assert.ok(
        found.some((problem) => problem.includes(name)),
        name,
      )
    }
  })

  it('name the line of a mistake in an XML file, or the file that is missing', () => {
    writeFileSync(file, '<drachtio><sip></drachtio>')
    assert.match(problems(['--file', file]).join(), /drachtio\.conf\.xml: .*sip/)
    assert.match(problems(['--file', join(folder, 'none')]).join(), /cannot read .*none/)
  })

  it('refuse a reachable address with a well-known secret', () => {
    assert.match(problems(['--noconfig', '--address', '0.0.0.0']).join(), /--secret/)
    assert.match(problems(['--noconfig', '--address', '10.0.0.9', '--secret', 'cymru']).join(), /--secret/)
    assert.equal(settings(['--noconfig', '--address', '0.0.0.0', '--secret', 'mine']).adminAddress, '0.0.0.0')
  })

  it('name the mistake in a contact', () => {
    for (const [contact, says] of [
      ['http:x', /no contact/],
      ['sip:*;transport=carrier-pigeon', /no transport/],
      ['sip:somewhere.example', /no address/],
      ['sips:*', /--key-file/],
    ] as const) {
      const built = serverOptions(settings(['--noconfig', '--contact', contact]))
      assert.ok(!('sip' in built))
      assert.match(built.join(), says)
    }
  })

  it('start an engine that prints when it is ready, and an application connects', async () => {
    let said = ''
    const args = ['--noconfig', '--contact', 'sip:127.0.0.1:0;transport=udp', '--port', '0', '--secret', 's']
    const out = (text: string): void => void (said += text)
    const started = await startEngine(args, { env: {}, out, err: out })
    if (started.kind !== 'running') return assert.fail(said)
    assert.match(said, /^ready: applications on 127\.0\.0\.1:\d+; SIP on udp\/127\.0\.0\.1:\d+\n$/)
    const client = await RawClient.authenticated(started.server.adminPorts[0]!, 's')
    client.socket.destroy()
    await started.server.close()
  })

  it('start an engine that presents a new certificate after a reload', async () => {
    const authority = new TestAuthority()
    const [now, next] = [authority.issue('now', 'DNS:now.test'), authority.issue('next', 'DNS:next.test')]
    let said = ''
    const out = (text: string): void => void (said += text)
    const files = ['--cert-file', now.certificate, '--key-file', now.key]
    const args = ['--noconfig', '--contact', 'sips:127.0.0.1:0;transport=tls', '--port', '0', ...files]
    const started = await startEngine(args, { env: {}, out, err: out })
    if (started.kind !== 'running') return assert.fail(said)
    const { port } = started.server.userAgent.listeners[0]!.local
    const shown = async (): Promise<string | undefined> => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      const { subjectaltname } = socket.getPeerCertificate()
      socket.destroy()

      return subjectaltname
    }
    assert.equal(await shown(), 'DNS:now.test')
    copyFileSync(next.certificate, now.certificate)
    await started.reload()
    assert.match(said, /not reloaded; the old ones stay error=.*now\.pem/)
    copyFileSync(next.key, now.key)
    await started.reload()
    assert.equal(await shown(), 'DNS:next.test')
    await started.server.close()
    authority.remove()
  })

  it('fail, and name the port, when the port is in use', async () => {
    const quiet = { env: {}, out: () => undefined, err: (text: string) => void (said += text) }
    let said = ''
    const first = await startEngine(['--noconfig', '-c', 'sip:127.0.0.1:0;transport=udp', '-p', '0'], quiet)
    assert.ok(first.kind === 'running')
    const { port } = first.server.userAgent.listeners[0]!.local
    const second = await startEngine(['--noconfig', '-c', `sip:127.0.0.1:${port};transport=udp`, '-p', '0'], quiet)
    assert.equal(second.kind, 'failed')
    assert.match(said, new RegExp(`127\\.0\\.0\\.1:${port}`))
    await first.server.close()
  })
})
