import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { ConfigError, loadSettings, type SettingProblem } from '../../config/index.ts'
import { environmentKeys } from '../../config/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-config-'))
const file = join(folder, 'baton.yaml')
after(() => rmSync(folder, { recursive: true, force: true }))

function problems(env: Record<string, string>, text?: string): readonly SettingProblem[] {
  if (text !== undefined) writeFileSync(file, text)
  try {
    loadSettings({ env, ...(text !== undefined && { file }) })
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))

    return error.problems
  }

  return []
}

/** The one mistake of an environment. */
function mistake(env: Record<string, string>): SettingProblem {
  const found = problems(env)
  assert.equal(found.length, 1, JSON.stringify(found))

  return found[0]!
}

describe('a mistake in the environment', () => {
  const wrong: [variable: string, text: string, hint: RegExp, env?: Record<string, string>][] = [
    ['SIP_LISTEN', '5060', /transport:address:port/],
    ['SIP_LISTEN', 'sctp:127.0.0.1:5060', /udp, tcp, tls, ws or wss/],
    ['SIP_LISTEN', 'udp:127.0.0.1:5060=sip_1.example.com:x', /=host:port/],
    ['SIP_LISTEN', 'tls:127.0.0.1:5061', /SIP_TLS_CERTIFICATES/],
    ['SIP_LISTEN', 'wss:127.0.0.1:443', /SIP_TLS_CERTIFICATES/],
    ['SIP_TLS_CERTIFICATES', '/does/not/exist.pem', /PEM file/, { SIP_TLS_KEYS: '/dev/null' }],
    ['SIP_TLS_KEYS', '/dev/null', /as many keys/, { SIP_TLS_CERTIFICATES: '/dev/null,/dev/null' }],
    ['SIP_TLS_AUTHORITIES', '/does/not/exist.pem', /PEM file/, { SIP_TLS_CERTIFICATES: '/dev/null' }],
    ['SIP_TLS_CLIENTS', 'maybe', /none, required/],
    ['SIP_TLS_SERVERS', 'no', /verified, unverified/],
    ['SIP_LISTEN', 'udp:sip.example.com:5060', /transport:address:port/],
    ['SIP_LISTEN', 'udp:127.0.0.1:70000', /transport:address:port/],
    ['SIP_LISTEN', 'udp:::1:5060', /\[::1\]/],
    ['SIP_LISTEN', 'udp:127.0.0.1:5060,udp:127.0.0.1:5060', /leave one out/],
    ['SIP_EXTERNAL_IP', 'example.com', /IP address/],
    ['SIP_USER_AGENT', 'Bat\nön', /ASCII/],
    ['SIP_T1', '0', /10 to 10000/],
    ['SIP_T1', '500ms', /milliseconds/],
    ['SIP_T2', '100', /RFC 3261/],
    ['SIP_T4', '-1', /milliseconds/],
    ['DRACHTIO_HOST', 'http://x', /host name/],
    ['DRACHTIO_PORT', '0', /1 to 65535/],
    ['DRACHTIO_LISTEN', '9023', /address:port/],
    ['DRACHTIO_LISTEN', '127.0.0.1:9023', /leave out DRACHTIO_HOST/, { DRACHTIO_HOST: 'sip.example.com' }],
    ['REDIS_URL', 'localhost:6379', /redis:\/\//],
    ['HTTP_LISTEN', '8080', /127\.0\.0\.1:8080/],
    ['HTTP_LISTEN', '0.0.0.0:8080', /ADMIN_TOKEN/],
    ['WEBHOOK_URL', 'ftp://example.com', /http or https/],
    ['WEBHOOK_URL', 'https://ann:pass@example.com', /without user/],
    ['HTTP_LISTEN', '[::]:8080', /ADMIN_TOKEN/],
    ['HTTP_LISTEN', '192.0.2.1:8080', /ADMIN_TOKEN/],
    ['ADMIN_TOKEN', 'two words', /without spaces/],
    ['API_TOKENS', 'no-name', /name:token/],
    ['API_TOKENS', 'ci:a,ci:b', /its own name/],
    ['API_TOKENS', 'admin:a', /its own name/],
    ['METRICS_LISTEN', 'localhost', /address:port/],
    ['METRICS_LISTEN', '127.0.0.1:8080', /another port/],
    ['MEDIA', 'rtpengin', /direct, rtpengine, freeswitch/],
    ['MEDIA', 'freeswitch', /DRACHTIO_HOST/, { FREESWITCH: '127.0.0.1:8021' }],
    ['RTPENGINE', '127.0.0.1', /host:port/],
    ['RTPENGINE_TIMEOUT', '2000', /milliseconds, 50 to 1000/],
    ['RTPENGINE_DIGITS', 'localhost', /address:port/],
    ['MEDIA_FALLBACK', 'drop', /direct, refuse/],
    ['SPEECH_URL', 'tts:8000', /http or https/],
    ['SPEECH_URL', 'http://127.0.0.1:9/', /MEDIA=rtpengine/],
    ['SPEECH_FORMAT', 'ogg', /mp3, wav/],
    ['SPEECH_TIMEOUT', '60', /seconds, 1 to 30/],
    ['FREESWITCH', 'fs:port', /host:port/, { MEDIA: 'freeswitch', DRACHTIO_HOST: '127.0.0.1' }],
    ['HEP', '192.0.2.30:9060', /udp:host:port/],
    ['HEP', 'udp:192.0.2.30:9060', /have the drachtio server send to Homer/, { DRACHTIO_HOST: 'sip.example.com' }],
    ['HEP_CAPTURE_ID', '-1', /a number/],
    ['LOG_LEVEL', 'verbose', /error, warn, info, debug/],
    ['LOG_FORMAT', 'xml', /json, pretty/],
    ['PROJECTS', '/does/not/exist.yaml', /project file/],
    ['AGENT_TIMEOUT', '0', /seconds, 1 to 180/],
    ['DRAIN_DEADLINE', '1.5', /seconds/],
    ['MAX_CALLS', '-1', /calls/],
    ['OVERLOAD_RATE', 'fast', /new calls a second/],
    ['OVERLOAD_LAG', '1s', /milliseconds/],
    ['EMERGENCY_NUMBERS', '112,police', /such as "112"/],
    ['RECENT_CALLS', 'many', /calls/],
  ]
  for (const [variable, text, hint, env = {}] of wrong) {
    it(`is told of under its name, with what would be right: ${variable}=${JSON.stringify(text)}`, () => {
      const { setting, source, hint: told } = mistake({ ...env, [variable]: text })
      assert.match(setting, new RegExp(`^${variable}`))
      assert.equal(source, 'environment')
      assert.match(told, hint)
    })
  }

  it('may be one that is missing', () => {
    assert.match(mistake({ MEDIA: 'freeswitch', DRACHTIO_HOST: '127.0.0.1' }).setting, /FREESWITCH/)
    assert.match(mistake({ MEDIA: 'rtpengine' }).setting, /RTPENGINE/)
  })

  it('is guessed at', () => {
    assert.match(mistake({ MEDIA: 'rtpengin' }).problem, /did you mean rtpengine\?/)
  })

  it('is found for any setting whatever its text, and never by crashing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...environmentKeys), fc.string({ unit: 'binary' }), (key, text) => {
        for (const { setting, problem, hint } of problems({ [key.toUpperCase()]: text })) {
          assert.ok(setting && problem && hint)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('a mistake in the file', () => {
  const trunk = (fields: string) => `trunks:\n  - { name: a, peers: [10.0.0.1]${fields && `, ${fields}`} }\n`
  const users = (...names: string[]) =>
    `authenticate: { users: [${names.map((name) => `{ username: ${name}, password: p }`).join(', ')}] }`
  const wrong: [text: string, setting: string, told: RegExp][] = [
    ['sip_lisen: x', 'sip_lisen', /did you mean sip_listen\?/],
    ['colour: red', 'colour', /known here are sip_listen, /],
    ['sip_listen: [3]', 'sip_listen[0]', /transport:address:port/],
    ['sip_listen: []', 'sip_listen', /is empty/],
    ['agent_timeout: soon', 'agent_timeout', /seconds/],
    ['agent_timeout: 2.5', 'agent_timeout', /seconds/],
    [trunk('probe: { down_after: 0 }'), 'trunks[0].probe.down_after', /failures, 1 to 100/],
    [trunk('caps: [{ prefix: "44", calls_per_day: 1 }]'), 'trunks[0].caps[0].prefix', /"\+44"; "\+" is of all/],
    [trunk('caps: [{ prefix: "+44" }]'), 'trunks[0].caps[0].calls_per_day', /is missing/],
    [trunk('caps: [{ prefix: "+44", calls_per_day: -1 }]'), 'trunks[0].caps[0].calls_per_day', /calls a day/],
    [
      trunk('caps: [{ prefix: "+44", calls_per_day: 1 }, { prefix: "+44", calls_per_day: 2 }]'),
      'trunks[0].caps[1].prefix',
      /\+44 has an earlier cap/,
    ],
    [trunk('probe: { ok: [99] }'), 'trunks[0].probe.ok[0]', /a SIP status/],
    ['log_level: [info]', 'log_level', /error, warn/],
    ['trunks: []', 'trunks', /is empty/],
    ['trunks: none', 'trunks', /a list/],
    ['trunks: [carrier]', 'trunks[0]', /a trunk/],
    ['trunks: [{ peers: [10.0.0.1] }]', 'trunks[0].name', /is missing/],
    ['trunks: [{ name: a }]', 'trunks[0].peers', /is missing/],
    ['trunks: [{ name: A b, peers: [10.0.0.1] }]', 'trunks[0].name', /letters, digits/],
    ['trunks: [{ name: a, peers: [] }]', 'trunks[0].peers', /is empty/],
    ['trunks: [{ name: a, peers: [10.0.0.1, 10.0.0.0/33] }]', 'trunks[0].peers[1]', /CIDR/],
    ['trunks: [{ name: a, peers: [example.com] }]', 'trunks[0].peers[0]', /CIDR/],
    ['trunks: [{ name: a, peers: ["::1/129"] }]', 'trunks[0].peers[0]', /CIDR/],
    [trunk('gatways: []'), 'trunks[0].gatways', /did you mean gateways\?/],
    [trunk('gateways: [192.0.2.1]'), 'trunks[0].gateways[0]', /sip:host:port/],
    [trunk('gateways: ["sip:user@192.0.2.1"]'), 'trunks[0].gateways[0]', /sip:host:port/],
    [trunk('credentials: { username: u }'), 'trunks[0].credentials.password', /is missing/],
    [trunk('credentials: { username: u, password: 7 }'), 'trunks[0].credentials.password', /not shown/],
    [trunk('authenticate: { realm: x }'), 'trunks[0].authenticate.users', /is missing/],
    [trunk('authenticate: { users: [] }'), 'trunks[0].authenticate.users', /is empty/],
    [
      trunk('authenticate: { users: [{ username: "a:b", password: p }] }'),
      'trunks[0].authenticate.users[0].username',
      /without a colon/,
    ],
    [
      trunk('authenticate: { users: [{ username: u, password: p }], algorithms: [SHA1] }'),
      'trunks[0].authenticate.algorithms[0]',
      /SHA-256, MD5/,
    ],
    [trunk('number_format: E164'), 'trunks[0].number_format', /did you mean e164\?/],
    [trunk('default_country: USA'), 'trunks[0].default_country', /two capital letters/],
    [trunk('refer: yes'), 'trunks[0].refer', /true or false/],
    [trunk('refer_memory: -1'), 'trunks[0].refer_memory', /seconds/],
    [trunk('bye_after_refer: fail'), 'trunks[0].bye_after_refer', /unknown, success/],
    [trunk('refer_to: tel'), 'trunks[0].refer_to', /as_written, sip_phone/],
    [trunk('header_limits: { count: 0 }'), 'trunks[0].header_limits.count', /headers, 1 to 200/],
    [trunk('header_limits: { bytes: 10 }'), 'trunks[0].header_limits.bytes', /bytes_each/],
    [trunk('header_limits: 5'), 'trunks[0].header_limits', /count/],
    ['trunks: [{ name: a, peers: [10.0.0.1] }, { name: a, peers: [10.0.0.2] }]', 'trunks[1].name', /its own name/],
    [
      'trunks: [{ name: a, peers: [10.0.0.1] }, { name: b, peers: [10.0.0.1/32] }]',
      'trunks[1].peers[0]',
      /trunk a already/,
    ],
    [
      `trunks: [{ name: a, peers: [10.0.0.1], ${users('u')} }, { name: b, peers: [10.0.0.1] }]`,
      'trunks[1].peers[0]',
      /unless all that have it authenticate/,
    ],
    [
      `trunks: [{ name: a, peers: [0.0.0.0/0], ${users('u')} }, { name: b, peers: [0.0.0.0/0], ${users('v', 'u')} }]`,
      'trunks[1].authenticate.users[1].username',
      /user of trunk a already/,
    ],
  ]
  for (const [text, setting, told] of wrong) {
    it(`is told of at its place: ${text.replace(/\s+/g, ' ').trim()}`, () => {
      const [found, ...others] = problems({}, text)
      assert.deepEqual(others, [])
      assert.equal(found?.setting, setting)
      assert.match(found.source, /baton\.yaml line \d+$/)
      assert.match(`${found.problem}; ${found.hint}`, told)
    })
  }

  it('is told of with its line', () => {
    const [found] = problems(
      {},
      '# a comment\n\ntrunks:\n  - name: a\n    peers:\n      - 10.0.0.1\n      - nonsense\n',
    )
    assert.match(found?.source ?? '', /line 7$/)
  })

  it('may be one that keeps all of it from being read', () => {
    for (const text of [
      'a: [1',
      'sip_t1: 1\nsip_t1: 2',
      '- a list',
      'only text',
      'a: *b',
      'trunks: &a [*a]',
      'trunks: &a [{ credentials: *a }]',
    ]) {
      const found = problems({}, text)
      assert.ok(found.length > 0, text)
    }
    assert.deepEqual(
      problems({ BATON_CONFIG: join(folder, 'none.yaml') }).map(({ setting, problem }) => [
        setting,
        problem.includes('ENOENT'),
      ]),
      [['BATON_CONFIG', true]],
    )
    assert.match(problems({ BATON_CONFIG: folder })[0]?.problem ?? '', /EISDIR/)
  })
})

describe('several mistakes', () => {
  it('are all told of at once, each as it was written', () => {
    const text =
      'sip_listen: [nonsense]\nlog_levl: info\nmedia: rtpengine\ntrunks: [{ name: a }]\nhttp_listen: 0.0.0.0:80\n'
    const found = problems({ SIP_T4: 'soon', AGENT_TIMEOUT: '0', DRACHTIO_PORT: 'x', RECENT_CALLS: 'x' }, text)

    assert.deepEqual(found.map(({ setting }) => setting).sort(), [
      'AGENT_TIMEOUT',
      'DRACHTIO_PORT',
      'RECENT_CALLS',
      'RTPENGINE',
      'SIP_T4',
      'http_listen',
      'log_levl',
      'sip_listen[0]',
      'trunks[0].peers',
    ])
  })

  it('are told of for the environment even when the file cannot be read', () => {
    assert.deepEqual(
      problems({ SIP_T4: 'soon' }, 'a: [').map(({ setting }) => setting),
      ['BATON_CONFIG', 'SIP_T4'],
    )
  })

  it('make one message that can be read', () => {
    writeFileSync(file, 'sip_lisen: x\n')
    assert.throws(() => loadSettings({ env: { SIP_T4: 'soon' }, file }), {
      name: 'ConfigError',
      message: `The configuration has 2 mistakes:
  sip_lisen (${file} line 1): is no setting; did you mean sip_listen?
  SIP_T4 (environment): "soon" cannot be used; give milliseconds, 10 to 60000`,
    })
  })
})

describe('a secret', () => {
  it('is in no message, whatever is wrong with it', () => {
    for (const found of [
      problems({
        ADMIN_TOKEN: 's3cret s3cret',
        API_TOKENS: 'ci:s3cret s3cret,s3cret',
        REDIS_URL: 'http://u:s3cret@h',
        DRACHTIO_SECRET: 's3cret\u00e9',
        FREESWITCH_SECRET: ' s3cret x',
      }),
      problems(
        {},
        'admin_token: [s3cret]\nredis_url: { s3cret: s3cret }\ntrunks: [{ name: a, peers: [10.0.0.1], credentials: s3cret }]',
      ),
      problems({}, 'trunks: [{ name: a, peers: [10.0.0.1], credentials: [s3cret, s3cret] }, s3: { password: s3cret }]'),
      problems({}, 'trunks:\n  - name: a\n    credentials: { username: u, password: "s3cret\n'),
      problems({}, 'trunks: [{ name: a, peers: [10.0.0.1], authenticate: { users: [s3cret, { password: s3cret }] } }]'),
      problems({}, 'trunks: { name: a, credentials: { username: u, password: s3cret } }'),
    ]) {
      assert.ok(found.length > 0)
      assert.doesNotMatch(JSON.stringify(found), /s3cret/)
    }
  })
})
