import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadSettings, redacted, type Settings } from '../../config/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-config-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function yaml(text: string): string {
  const file = join(folder, 'baton.yaml')
  writeFileSync(file, text)

  return file
}

const fromEnv = (env: Record<string, string>) => loadSettings({ env })
const fromYaml = (text: string, env: Record<string, string> = {}) =>
  loadSettings({ env: { ...env, BATON_CONFIG: yaml(text) } })

const oidc = {
  OIDC_ISSUER: 'https://login.example.com',
  OIDC_CLIENT_ID: 'c',
  OIDC_CLIENT_SECRET: 's',
  OIDC_DEFAULT_ROLE: 'viewer',
}
/** The settings that a sign-in by OpenID Connect needs, without the one that is tried. */
const oidcBut = (tried: string) => Object.fromEntries(Object.entries(oidc).filter(([name]) => name !== tried))

const speaking = { MEDIA: 'rtpengine', RTPENGINE: 'media:2223', SPEECH_URL: 'https://tts/v1/audio/speech' }

describe('settings', () => {
  it('keeps no ended calls where HISTORY_DAYS is 0', () => {
    assert.equal(loadSettings({ env: { HISTORY_DAYS: '0' } }).history, undefined)
  })

  it('are the documented defaults when nothing is set', () => {
    assert.deepEqual(fromEnv({}), {
      sip: {
        listen: [
          { transport: 'udp', address: '127.0.0.1', port: 5060 },
          { transport: 'tcp', address: '127.0.0.1', port: 5060 },
        ],
        userAgent: 'Baton',
        timers: { t1: 500, t2: 4000, t4: 5000 },
        minSession: 90,
        udpMaximum: 1300,
        answerTo: 'auto',
        missingToTag: 'accepted',
        dialogSources: 'peer',
        sips: 'secure',
        maxConnections: 10_000,
        nat: 'auto',
        reusesConnections: true,
        limits: { messageSize: 65_535, headerCount: 256, headerLength: 8192, viaCount: 70 },
      },
      dataDir: resolve('data'),
      http: {
        ...{ address: '127.0.0.1', port: 8080, tokens: [], signIn: 'auto' },
        ...{ sessionLifetime: 43_200, sessionIdle: 7200, proxies: [] },
      },
      metrics: { address: '127.0.0.1', port: 9464 },
      httpLimits: { rate: 1000, connections: 512, connectionsBySource: 128 },
      media: { kind: 'direct' },
      log: { level: 'info', format: 'json' },
      trunks: [
        {
          name: 'local',
          peers: ['127.0.0.0/8', '::1/128'],
          gateways: [],
          numberFormat: 'as_written',
          refer: true,
          referMemory: 3600,
          holdBeforeRefer: false,
          byeAfterRefer: 'unknown',
          referTo: 'as_written',
          requestRate: 0,
          connections: 0,
          trust: true,
          earlyMedia: 'hold',
          redirects: 'follow',
          srtpMemory: 3600,
          sessionExpires: 0,
          keepalive: 900,
          progressTimeout: 3,
          probe: { interval: undefined, timeout: 2, downAfter: 3, upAfter: 2, ok: undefined, backOff: 10 },
          headerLimits: { count: 50, bytesEach: 2048, bytesTotal: 8192 },
        },
      ],
      projects: [],
      standIns: false,
      agentTimeout: 20,
      probeInterval: 30,
      maxCallDuration: 86_400,
      recovery: true,
      drain: 'finish',
      drainDeadline: 25,
      overload: { calls: 0, rate: 0, lag: 200, emergencyNumbers: ['112', '911', '999', '000'] },
      nodeName: hostname(),
      recentCalls: 1000,
      history: { days: 30, bytes: 1_073_741_824 },
      unknownSources: {
        limit: 20,
        block: 300,
        requestRate: 50,
        connections: 20,
        idle: 30,
        scanners: ['friendly-scanner', 'sipvicious', 'sipcli'],
      },
      contextTtl: 3600,
      resolverSecrets: [],
      ladders: { total: 134_217_728, perCall: 524_288 },
    } satisfies Settings)
  })

  const project = fileURLToPath(new URL('../../config/baton.sample.yaml', import.meta.url))
  // Whether it holds a certificate is seen when it is read.
  const secretsKey = Buffer.alloc(32, 7).toString('base64')
  const pem = fileURLToPath(import.meta.url)
  const every: [
    variable: string,
    text: string,
    of: (settings: Settings) => unknown,
    value: unknown,
    env?: Record<string, string>,
  ][] = [
    [
      'SIP_LISTEN',
      'udp:[::1]:5070, TCP:0.0.0.0:0',
      ({ sip }) => sip.listen,
      [
        { transport: 'udp', address: '::1', port: 5070 },
        { transport: 'tcp', address: '0.0.0.0', port: 0 },
      ],
    ],
    ['SIP_EXTERNAL_IP', '203.0.113.7', ({ sip }) => sip.externalIp, '203.0.113.7'],
    ['SIP_USER_AGENT', 'Baton/1 (test)', ({ sip }) => sip.userAgent, 'Baton/1 (test)'],
    ['SIP_TLS_CERTIFICATES', pem, ({ sip }) => sip.tls?.certificates, [{ certificate: pem, key: pem }]],
    ['SIP_TLS_KEYS', pem, ({ sip }) => sip.tls?.certificates[0].key, pem, { SIP_TLS_CERTIFICATES: project }],
    ['SIP_TLS_AUTHORITIES', pem, ({ sip }) => sip.tls?.authorities, pem, { SIP_TLS_CERTIFICATES: pem }],
    ['SIP_TLS_CLIENTS', 'required', ({ sip }) => sip.tls?.clients, 'required', { SIP_TLS_CERTIFICATES: pem }],
    ['SIP_TLS_SERVERS', 'unverified', ({ sip }) => sip.tls?.servers, 'unverified', { SIP_TLS_CERTIFICATES: pem }],
    ['SIP_T1', '100', ({ sip }) => sip.timers.t1, 100],
    ['SIP_T2', '800', ({ sip }) => sip.timers.t2, 800],
    ['SIP_T4', '900', ({ sip }) => sip.timers.t4, 900],
    ['SIP_MIN_SE', '120', ({ sip }) => sip.minSession, 120],
    ['SIP_ANSWER_TO', 'via', ({ sip }) => sip.answerTo, 'via'],
    ['SIP_MISSING_TO_TAG', 'refused', ({ sip }) => sip.missingToTag, 'refused'],
    ['SIP_UDP_MAXIMUM', '60000', ({ sip }) => sip.udpMaximum, 60_000],
    ['SIP_DIALOG_SOURCES', 'any', ({ sip }) => sip.dialogSources, 'any'],
    ['SIP_SIPS', 'any', ({ sip }) => sip.sips, 'any'],
    ['SIP_MAX_CONNECTIONS', '50', ({ sip }) => sip.maxConnections, 50],
    ['SIP_NAT', 'off', ({ sip }) => sip.nat, 'off'],
    ['SIP_REUSE_CONNECTIONS', 'off', ({ sip }) => sip.reusesConnections, false],
    ['SIP_MAX_MESSAGE', '9000', ({ sip }) => sip.limits.messageSize, 9000],
    ['SIP_MAX_HEADERS', '60', ({ sip }) => sip.limits.headerCount, 60],
    ['SIP_MAX_HEADER_LENGTH', '900', ({ sip }) => sip.limits.headerLength, 900],
    ['SIP_MAX_VIAS', '9', ({ sip }) => sip.limits.viaCount, 9],
    [
      'DRACHTIO_HOST',
      'sip.example.com',
      ({ drachtio }) => drachtio,
      { host: 'sip.example.com', port: 9022, secret: 'admin' },
    ],
    ['DRACHTIO_PORT', '9023', ({ drachtio }) => drachtio?.port, 9023, { DRACHTIO_HOST: '127.0.0.1' }],
    ['DRACHTIO_SECRET', 'quiet', ({ drachtio }) => drachtio?.secret, 'quiet', { DRACHTIO_HOST: '::1' }],
    [
      'DRACHTIO_LISTEN',
      '10.0.0.9:9023',
      ({ drachtioListen }) => drachtioListen,
      { address: '10.0.0.9', port: 9023, secret: 'quiet' },
      { DRACHTIO_SECRET: 'quiet' },
    ],
    [
      'REDIS_URL',
      'rediss://u:p@redis.example.com:6380/2',
      ({ redisUrl }) => redisUrl,
      'rediss://u:p@redis.example.com:6380/2',
    ],
    ['DATA_DIR', '/var/lib/baton', ({ dataDir }) => dataDir, '/var/lib/baton'],
    ['HTTP_LISTEN', '0.0.0.0:80', ({ http }) => [http.address, http.port], ['0.0.0.0', 80], { ADMIN_TOKEN: 'long' }],
    ['ADMIN_TOKEN', 'long', ({ http }) => http.adminToken, 'long'],
    ['API_TOKENS', 'ci:long', ({ http }) => http.tokens, [{ name: 'ci', token: 'long' }]],
    ['SIGN_IN', 'required', ({ http }) => http.signIn, 'required'],
    ['SESSION_LIFETIME', '600', ({ http }) => http.sessionLifetime, 600],
    ['SESSION_IDLE', '900', ({ http }) => http.sessionIdle, 900],
    ['HTTP_PROXIES', '10.0.0.5,fd00::/8', ({ http }) => http.proxies, ['10.0.0.5/32', 'fd00::/8']],
    ['PUBLIC_URL', 'https://baton.example.com', ({ http }) => http.publicUrl, 'https://baton.example.com'],
    ['PEER_URL', 'http://10.0.0.5:8080', ({ http }) => http.peerUrl, 'http://10.0.0.5:8080'],
    ['OIDC_ISSUER', oidc.OIDC_ISSUER, ({ http }) => http.oidc?.issuer, oidc.OIDC_ISSUER, oidcBut('OIDC_ISSUER')],
    ['OIDC_CLIENT_ID', 'baton', ({ http }) => http.oidc?.clientId, 'baton', oidcBut('OIDC_CLIENT_ID')],
    ['OIDC_CLIENT_SECRET', 'long', ({ http }) => http.oidc?.clientSecret, 'long', oidcBut('OIDC_CLIENT_SECRET')],
    ['OIDC_SCOPES', 'openid groups', ({ http }) => http.oidc?.scopes, 'openid groups', oidcBut('OIDC_SCOPES')],
    ['OIDC_ROLE_CLAIM', 'roles', ({ http }) => http.oidc?.roleClaim, 'roles', oidcBut('OIDC_ROLE_CLAIM')],
    [
      'OIDC_ROLES',
      'a:b:admin,desk:operator@hotel',
      ({ http }) => http.oidc?.roles,
      [
        { value: 'a:b', role: 'admin' },
        { value: 'desk', role: 'operator', project: 'hotel' },
      ],
      oidcBut('OIDC_ROLES'),
    ],
    ['OIDC_DEFAULT_ROLE', 'viewer', ({ http }) => http.oidc?.defaultRole, 'viewer', oidcBut('OIDC_DEFAULT_ROLE')],
    ['METRICS_LISTEN', 'localhost:0', ({ metrics }) => metrics, { address: '127.0.0.1', port: 0 }],
    [
      'MEDIA',
      'freeswitch',
      ({ media }) => media,
      { kind: 'freeswitch', host: 'fs', port: 8021, secret: 'ClueCon' },
      { FREESWITCH: 'fs:8021', DRACHTIO_HOST: '127.0.0.1' },
    ],
    [
      'RTPENGINE',
      'media:2223,[::1]:2224',
      ({ media }) => media,
      {
        kind: 'rtpengine',
        servers: [
          { host: 'media', port: 2223 },
          { host: '::1', port: 2224 },
        ],
        timeoutMs: 300,
        fallback: 'direct',
      },
      { MEDIA: 'rtpengine' },
    ],
    [
      'RTPENGINE_TIMEOUT',
      '250',
      ({ media }) => media.kind === 'rtpengine' && media.timeoutMs,
      250,
      { MEDIA: 'rtpengine', RTPENGINE: 'media:2223' },
    ],
    [
      'RTPENGINE_DIGITS',
      '127.0.0.1:2225',
      ({ media }) => media.kind === 'rtpengine' && media.digits,
      { address: '127.0.0.1', port: 2225 },
      { MEDIA: 'rtpengine', RTPENGINE: 'media:2223' },
    ],
    [
      'MEDIA_FALLBACK',
      'refuse',
      ({ media }) => media.kind === 'rtpengine' && media.fallback,
      'refuse',
      { MEDIA: 'rtpengine', RTPENGINE: 'media:2223' },
    ],
    ['SPEECH_URL', 'https://tts/v1/audio/speech', ({ speech }) => speech?.url, 'https://tts/v1/audio/speech', speaking],
    ['SPEECH_KEY', 'sk-1', ({ speech }) => speech?.key, 'sk-1', speaking],
    ['SPEECH_MODEL', 'piper', ({ speech }) => speech?.model, 'piper', speaking],
    ['SPEECH_VOICE', 'nova', ({ speech }) => speech?.voice, 'nova', speaking],
    ['SPEECH_FORMAT', 'wav', ({ speech }) => speech?.format, 'wav', speaking],
    ['SPEECH_TIMEOUT', '9', ({ speech }) => speech?.timeout, 9, speaking],
    [
      'FREESWITCH',
      '127.0.0.1:8021',
      ({ media }) => media.kind === 'freeswitch' && media.port,
      8021,
      { MEDIA: 'freeswitch', DRACHTIO_HOST: '127.0.0.1' },
    ],
    [
      'FREESWITCH_SECRET',
      'fs',
      ({ media }) => media.kind === 'freeswitch' && media.secret,
      'fs',
      { MEDIA: 'freeswitch', FREESWITCH: 'h:1', DRACHTIO_HOST: '127.0.0.1' },
    ],
    [
      'WEBHOOK_URL',
      'https://example.com/baton',
      ({ webhook }) => webhook?.url,
      'https://example.com/baton',
      { WEBHOOK_SECRET: 'long' },
    ],
    ['WEBHOOK_SECRET', 'long', ({ webhook }) => webhook?.secret, 'long', { WEBHOOK_URL: 'http://127.0.0.1:9/' }],
    [
      'HEP',
      'TCP:homer.example.com',
      ({ hep }) => hep,
      { transport: 'tcp', host: 'homer.example.com', port: 9060, captureId: 2001 },
    ],
    ['HEP_CAPTURE_ID', '7', ({ hep }) => hep?.captureId, 7, { HEP: 'udp:[::1]:9061' }],
    ['RESOLVER_SECRETS', 'crm:long', ({ resolverSecrets }) => resolverSecrets, [{ name: 'crm', secret: 'long' }]],
    ['HEP_PASSWORD', 'homer', ({ hep }) => hep?.password, 'homer', { HEP: 'udp:192.0.2.30:9060' }],
    ['HTTP_RATE', '50', ({ httpLimits }) => httpLimits.rate, 50],
    ['HTTP_MAX_CONNECTIONS', '60', ({ httpLimits }) => httpLimits.connections, 60],
    ['HTTP_MAX_BY_SOURCE', '7', ({ httpLimits }) => httpLimits.connectionsBySource, 7],
    ['LOG_LEVEL', 'debug', ({ log }) => log.level, 'debug'],
    ['LOG_FORMAT', 'pretty', ({ log }) => log.format, 'pretty'],
    ['PROJECTS', project, ({ projects }) => projects, [project]],
    ['STAND_INS', 'on', ({ standIns }) => standIns, true],
    ['AGENT_TIMEOUT', '5', ({ agentTimeout }) => agentTimeout, 5],
    ['PROBE_INTERVAL', '5', ({ probeInterval }) => probeInterval, 5],
    ['MAX_CALL_DURATION', '3600', ({ maxCallDuration }) => maxCallDuration, 3600],
    ['RECOVERY', 'off', ({ recovery }) => recovery, false],
    ['DRAIN', 'handover', ({ drain }) => drain, 'handover'],
    ['DRAIN_DEADLINE', '0', ({ drainDeadline }) => drainDeadline, 0],
    ['MAX_CALLS', '500', ({ overload }) => overload.calls, 500],
    ['OVERLOAD_RATE', '50', ({ overload }) => overload.rate, 50],
    ['OVERLOAD_LAG', '0', ({ overload }) => overload.lag, 0],
    ['EMERGENCY_NUMBERS', '112,+4930112', ({ overload }) => overload.emergencyNumbers, ['112', '+4930112']],
    ['SECRETS_KEY', secretsKey, ({ secretsKey: key }) => key, secretsKey],
    ['TWILIO_AUTH_TOKEN', 't0ken', (all) => all.twilioVoice?.authToken, 't0ken', { TWILIO_SIP_URI: 'sip:h' }],
    ['TWILIO_SIP_URI', 'sip:h', (all) => all.twilioVoice?.sipUri, 'sip:h', { TWILIO_AUTH_TOKEN: 't0ken' }],
    [
      ...(['TWILIO_DISASTER_NUMBER', '+14155550111'] as const),
      ...([(all: Settings) => all.twilioVoice?.disasterNumber, '+14155550111'] as const),
      { TWILIO_AUTH_TOKEN: 't0ken', TWILIO_SIP_URI: 'sip:h' },
    ],
    ['NODE_NAME', 'baton-1', ({ nodeName }) => nodeName, 'baton-1'],
    ['RECENT_CALLS', '10', ({ recentCalls }) => recentCalls, 10],
    ['HISTORY_DAYS', '7', ({ history }) => history?.days, 7],
    ['HISTORY_SIZE', '5', ({ history }) => history?.bytes, 5_242_880],
    ['UNKNOWN_SOURCE_LIMIT', '5', ({ unknownSources }) => unknownSources.limit, 5],
    ['UNKNOWN_SOURCE_RATE', '9', ({ unknownSources }) => unknownSources.requestRate, 9],
    ['UNKNOWN_SOURCE_CONNECTIONS', '3', ({ unknownSources }) => unknownSources.connections, 3],
    ['UNKNOWN_SOURCE_IDLE', '4', ({ unknownSources }) => unknownSources.idle, 4],
    ['UNKNOWN_SOURCE_BLOCK', '0', ({ unknownSources }) => unknownSources.block, 0],
    ['SCANNER_USER_AGENTS', 'one,two', ({ unknownSources }) => unknownSources.scanners, ['one', 'two']],
    ['CONTEXT_TTL', '120', ({ contextTtl }) => contextTtl, 120],
    ['LADDER_MEMORY', '16', ({ ladders }) => ladders.total, 16_777_216],
    ['LADDER_CALL_MEMORY', '64', ({ ladders }) => ladders.perCall, 65_536],
  ]

  for (const [variable, text, of, value, env = {}] of every) {
    it(`has ${variable} in the environment and in the file`, () => {
      assert.deepEqual(of(fromEnv({ ...env, [variable]: text })), value)
      const written = /^\d+$/.test(text) ? text : JSON.stringify(text)
      assert.deepEqual(of(fromYaml(`${variable.toLowerCase()}: ${written}\n`, env)), value)
    })
  }

  it('tests each of them', async () => {
    const { environmentKeys } = await import('../../config/schema.ts')
    assert.deepEqual(every.map(([variable]) => variable.toLowerCase()).sort(), [...environmentKeys].sort())
  })

  it('takes lists of the file as YAML lists, too', () => {
    assert.equal(fromYaml('sip_listen: [udp:127.0.0.1:1, udp:127.0.0.1:2]').sip.listen.length, 2)
  })

  it('has listeners for every transport, each with the address that others see it at', () => {
    const text =
      'ws:127.0.0.1:80,wss:[::1]:443=sip.example.com,tls:10.0.0.9:5061=203.0.113.7:15061,tcp:[::]:5060=[2001:db8::1]'
    assert.deepEqual(fromEnv({ SIP_LISTEN: text, SIP_TLS_CERTIFICATES: pem }).sip.listen, [
      { transport: 'ws', address: '127.0.0.1', port: 80 },
      { transport: 'wss', address: '::1', port: 443, advertised: { host: 'sip.example.com' } },
      { transport: 'tls', address: '10.0.0.9', port: 5061, advertised: { host: '203.0.113.7', port: 15061 } },
      { transport: 'tcp', address: '::', port: 5060, advertised: { host: '2001:db8::1' } },
    ])
  })

  it('takes the environment before the file, and the file before the default', () => {
    const text = 'agent_timeout: 7\nlog_level: warn\n'
    assert.equal(fromYaml(text).agentTimeout, 7)
    const { agentTimeout, log, recentCalls } = fromYaml(text, { AGENT_TIMEOUT: '9' })
    assert.deepEqual([agentTimeout, log.level, recentCalls], [9, 'warn', 1000])
  })

  it('takes an empty variable, and a key without a value, as not set', () => {
    const { agentTimeout, redisUrl } = fromYaml('agent_timeout:\n', { REDIS_URL: '', AGENT_TIMEOUT: ' ' })
    assert.deepEqual([agentTimeout, redisUrl], [20, undefined])
  })

  it('takes an empty file as no settings', () => {
    assert.deepEqual(fromYaml('# nothing\n'), fromEnv({}))
  })

  it('reads the file that is named in the call before the one that the environment names', () => {
    const env = { BATON_CONFIG: '/does/not/exist.yaml' }
    assert.equal(loadSettings({ env, file: yaml('agent_timeout: 3') }).agentTimeout, 3)
  })

  it('logs in a form for people on a terminal, unless told otherwise', () => {
    assert.equal(loadSettings({ env: {}, terminal: true }).log.format, 'pretty')
    assert.equal(loadSettings({ env: { LOG_FORMAT: 'json' }, terminal: true }).log.format, 'json')
  })

  it('has gateways with priorities, weights and limits, by priority', () => {
    const gateways = [
      { uri: 'sip:192.0.2.1', priority: 2, limit: { calls: 30 } },
      'sip:192.0.2.2',
      { uri: 'sip:192.0.2.3', weight: 7 },
    ]
    const [trunk] = fromYaml(JSON.stringify({ trunks: [{ name: 'carrier', peers: ['::1'], gateways }] })).trunks
    assert.deepEqual(trunk?.gateways, ['sip:192.0.2.2', 'sip:192.0.2.3', 'sip:192.0.2.1'])
    assert.deepEqual(trunk.choices?.all, [
      { uri: 'sip:192.0.2.2', priority: 0, weight: undefined, limit: undefined },
      { uri: 'sip:192.0.2.3', priority: 0, weight: 7, limit: undefined },
      { uri: 'sip:192.0.2.1', priority: 2, weight: undefined, limit: { calls: 30 } },
    ])
  })

  it('names the wrong field of a gateway, and says what a gateway may be', () => {
    const text = (gateway: unknown) => JSON.stringify({ trunks: [{ name: 'c', peers: ['::1'], gateways: [gateway] }] })
    for (const [gateway, says] of [
      [{ uri: 'sip:192.0.2.1', weight: -1 }, /trunks\[0\]\.gateways\[0\]\.weight .*give a weight, 0 to 65535$/],
      [{ uri: 'sip:192.0.2.1', wieght: 1 }, /gateways\[0\]\.wieght .*did you mean weight\?$/],
      [{ uri: 'nowhere' }, /gateways\[0\]\.uri .*give sip:host:port/],
      ['nowhere', /gateways\[0\] .*give sip:host:port/],
      [7, /gateways\[0\] .*give sip:host:port, or \{ uri, priority, weight, limit \}$/],
    ] as const) {
      assert.throws(
        () => fromYaml(text(gateway)),
        (error: Error) => {
          assert.equal(error.message.split('\n').length, 2, error.message)
          assert.match(error.message, says)

          return true
        },
      )
    }
  })

  it('has trunks with all of their fields', () => {
    const [carrier, pbx, local] = loadSettings({ env: {}, file: project }).trunks
    assert.deepEqual(carrier, {
      name: 'carrier',
      peers: ['198.51.100.0/24', '2001:db8:5::/48'],
      gateways: ['sip:198.51.100.10:5060', 'sip:198.51.100.11:5060;transport=tcp'],
      credentials: { username: 'baton', password: 'change-me', realm: 'sip.carrier.example' },
      numberFormat: 'e164',
      refer: true,
      referMemory: 600,
      byeAfterRefer: 'success',
      progressTimeout: 3,
      probe: { interval: undefined, timeout: 2, downAfter: 3, upAfter: 2, ok: undefined, backOff: 10 },
      holdBeforeRefer: false,
      referTo: 'as_written',
      requestRate: 0,
      connections: 0,
      earlyMedia: 'hold',
      redirects: 'follow',
      srtpMemory: 3600,
      trust: true,
      sessionExpires: 0,
      keepalive: 900,
      headerLimits: { count: 10, bytesEach: 2048, bytesTotal: 1024 },
    })
    assert.deepEqual([pbx?.peers, pbx?.refer, pbx?.defaultCountry], [['10.0.0.20/32'], false, 'US'])
    assert.equal(local?.name, 'local')
    const [phone] = fromYaml('trunks: [{ name: a, peers: ["::1"], refer_to: sip_phone }]').trunks
    assert.deepEqual([phone?.referTo, phone?.peers], ['sip_phone', ['::1/128']])
  })

  it('has trunks that authenticate, with either algorithm and in one realm unless told otherwise', () => {
    const users = [
      { username: 'pbx', password: 'old' },
      { username: 'pbx', password: 'new' },
    ]
    const written = `users: ${JSON.stringify(users)}`
    const [a, b] = fromYaml(`trunks:
  - { name: a, peers: [0.0.0.0/0], authenticate: { ${written} } }
  - { name: b, peers: [0.0.0.0/0], authenticate: { ${written}, realm: sip.example.com, algorithms: [MD5] } }
`).trunks
    assert.deepEqual(a?.authenticate, { realm: 'baton', users, algorithms: ['SHA-256', 'MD5'] })
    assert.deepEqual(b?.authenticate, { realm: 'sip.example.com', users, algorithms: ['MD5'] })
  })
})

it('REDIS_URL may name Sentinels or a Cluster', () => {
  for (const url of ['redis+sentinel://:p@a:26379,b/main/2', 'rediss+cluster://a:1,[::1]:2']) {
    assert.equal(fromEnv({ REDIS_URL: url }).redisUrl, url)
  }
})

describe('settings that are shown', () => {
  it('have no secret in them, and are the same otherwise', () => {
    const settings = fromYaml(
      `
redis_url: redis://user:s3cret@h/1?password=s3cret
admin_token: s3cret
drachtio_host: h
drachtio_secret: s3cret
media: freeswitch
freeswitch: h:1
freeswitch_secret: s3cret
webhook_url: https://example.com/
webhook_secret: s3cret
twilio_auth_token: s3cret
twilio_sip_uri: sip:h
trunks: [{ name: a, peers: [10.0.0.1], credentials: { username: u, password: s3cret }, authenticate: { users: [{ username: u, password: s3cret }] } }]
`,
    )
    const secretsKey = Buffer.alloc(32, 7).toString('base64')
    const shown = redacted({ ...settings, secretsKey })
    assert.doesNotMatch(JSON.stringify(shown), /s3cret/)
    assert.equal(shown.secretsKey, '***')
    assert.equal(JSON.stringify(settings).split('s3cret').length - 1, 9, 'the settings themselves are not touched')
    assert.deepEqual(
      [shown.trunks[0]?.credentials?.username, shown.drachtio?.host, shown.media.kind],
      ['u', 'h', 'freeswitch'],
    )
    assert.deepEqual(redacted(fromEnv({})), fromEnv({}))
    assert.equal(redacted(fromEnv({ HEP: 'udp:h:1', HEP_PASSWORD: 's3cret' })).hep?.password, '***')
    const several = redacted(fromEnv({ REDIS_URL: 'redis+sentinel://u:s3cret@a,b/main?sentinel_password=s3cret' }))
    assert.equal(several.redisUrl, 'redis+sentinel://u:***@a,b/main?sentinel_password=***')
  })
})
