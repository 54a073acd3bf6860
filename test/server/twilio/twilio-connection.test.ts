import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TwilioConnection } from '../../../server/twilio/index.ts'
import { needs } from '../../harness/needs.ts'
import { TwilioStandIn } from '../../harness/twilio-stand-in.ts'
import { until } from '../../harness/until.ts'
import { RedisServer } from '../../routes/redis-server.ts'

const secretsKey = Buffer.alloc(32, 7).toString('base64')
const password = 'a-Pa55word-of-the-trunk'

describe('a connection to Twilio', () => {
  let dir: string
  let twilio: TwilioStandIn
  let connection: TwilioConnection
  const logged: unknown[] = []
  const note = (...line: unknown[]) => logged.push(line)
  const log = { info: note, warn: note, error: note, debug: note }
  const open = (key: string | undefined = secretsKey) =>
    TwilioConnection.open({ dataDir: dir, ...(key !== '' && { secretsKey: key }) }, log, twilio.url)
  const credentials = () => ({ accountSid: twilio.accountSid, apiKey: 'SKkey', secret: twilio.secret })
  const wanted = {
    ...{ numbers: ['+14155550100', '+14155550101'], secure: true, disasterUrl: 'https://example.com/busy.xml' },
    uris: ['sip:a.example.com:5061;transport=tls', 'sip:b.example.com:5061;transport=tls'],
    termination: { domain: 'acme.pstn.twilio.com', username: 'baton', addresses: ['203.0.113.7'] },
  }
  const request = () => ({ credentials: credentials(), wanted, password })

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-twilio-'))
    twilio = await TwilioStandIn.start()
    connection = await open()
  })
  afterEach(async () => {
    await connection.close()
    twilio.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('is shown beforehand in words, made in that order, and changes nothing the second time', async () => {
    const other = twilio.addTrunk('of the office')
    twilio.addNumber('+14155550100', { trunk_sid: other })
    twilio.addNumber('+14155550101', { voice_url: 'https://ann:hidden@hooks.example.com/v?token=hidden' })
    twilio.addNumber('+14155550102')

    const { changes, numbers } = await connection.plan(request())
    assert.deepEqual([twilio.writes, connection.status(), numbers.length], [[], { connected: false }, 3])
    const made = await connection.connect(request())

    const name = connection.status().name ?? ''
    const words = changes.map((change) => change.words.replaceAll(/\bbaton$|\bbaton(?=:)/g, name))
    assert.equal(words.length, 11)
    assert.match(words.join('\n'), /\+14155550100 to the trunk, instead of to the trunk of the office/)
    assert.match(
      words.join('\n'),
      /\+14155550101 to the trunk, instead of to the webhook https:\/\/hooks\.example\.com$/m,
    )
    assert.doesNotMatch(words.join('\n'), /hidden/)
    assert.deepEqual(
      made.map(({ call }) => call.kind),
      changes.map(({ call }) => call.kind),
    )
    const trunk = twilio.list('/v1/Trunks').find((one) => one.friendly_name === name)
    assert.deepEqual(
      [
        trunk?.transfer_mode,
        trunk?.transfer_caller_id,
        trunk?.secure,
        trunk?.disaster_recovery_url,
        trunk?.domain_name,
      ],
      ['enable-all', 'from-transferee', true, wanted.disasterUrl, wanted.termination.domain],
    )
    assert.deepEqual(
      twilio.list(`/v1/Trunks/${trunk?.sid}/OriginationUrls`).map((one) => [one.sip_url, one.priority]),
      [
        [wanted.uris[0], 10],
        [wanted.uris[1], 20],
      ],
    )
    assert.deepEqual(
      twilio.list(twilio.numbersPath).map((one) => one.trunk_sid),
      [trunk?.sid, trunk?.sid, null],
    )
    assert.deepEqual(await connection.connect({ wanted }), [])
    assert.deepEqual(await connection.drift().then((drift) => [drift.changes, drift.missing]), [[], []])
  })

  it('goes on where a failure has stopped it, also after a restart', async () => {
    twilio.addNumber('+14155550100')
    twilio.addNumber('+14155550101')
    for (const writes of [0, 1, 3, 2]) {
      twilio.writesLeft = writes
      await assert.rejects(connection.connect(request()), /Twilio answers 500/)
      await connection.close()
      connection = await open()
    }
    twilio.writesLeft = Infinity
    await connection.connect(request())

    assert.deepEqual([twilio.list('/v1/Trunks').length, twilio.writes.length], [1, 11])
    assert.deepEqual((await connection.drift()).changes, [])
  })

  it('is taken away without what was there before, and numbers go back to their former use', async () => {
    const office = twilio.addTrunk('of the office')
    twilio.addNumber('+14155550100', { trunk_sid: office })
    twilio.addNumber('+14155550101', { voice_application_sid: 'AP1' })
    const before = twilio.list(twilio.numbersPath).map((one) => ({ ...one }))
    await connection.connect(request())
    twilio.writesLeft = 2
    await assert.rejects(connection.disconnect(), /Twilio answers 500/)
    twilio.writesLeft = Infinity
    const { length } = await connection.disconnection()
    await connection.disconnect()

    assert.ok(length > 0)
    assert.deepEqual(twilio.list(twilio.numbersPath), before)
    assert.deepEqual(
      twilio.list('/v1/Trunks').map(({ sid }) => sid),
      [office],
    )
    const lists = ['CredentialLists', 'IpAccessControlLists'].map((list) =>
      twilio.list(`/2010-04-01/Accounts/${twilio.accountSid}/SIP/${list}`),
    )
    assert.deepEqual([lists, connection.status()], [[[], []], { connected: false }])
    await assert.rejects(connection.drift(), /Connect a Twilio account first/)
  })

  it('points voice webhooks of numbers at Baton, without a trunk, finds those that have moved, and gives them back', async () => {
    const theirs = 'https://ann:hidden@hooks.example.com/v?token=hidden'
    const url = 'https://baton.example.com/v1/twilio/voice'
    const office = twilio.addTrunk('of the office')
    twilio.addNumber('+14155550100', { voice_url: theirs })
    twilio.addNumber('+14155550101', { trunk_sid: office })
    twilio.addNumber('+14155550102')
    const before = twilio.list(twilio.numbersPath).map((one) => ({ ...one }))
    const webhook = { url, numbers: ['+14155550100', '+14155550101', '+14155550102'] }
    const asked = { credentials: credentials(), wanted: { numbers: [], uris: wanted.uris, secure: true, webhook } }

    const { changes } = await connection.plan(asked)
    assert.deepEqual(
      changes.map(({ words }) => words),
      [
        `Send calls to +14155550100 to Baton's voice webhook ${url}, instead of to the webhook https://hooks.example.com`,
        `Send calls to +14155550101 to Baton's voice webhook ${url}, instead of to the trunk of the office`,
        `Send calls to +14155550102 to Baton's voice webhook ${url}`,
      ],
    )
    await connection.connect(asked)
    assert.deepEqual((await connection.plan(asked)).changes, [])
    assert.deepEqual(
      twilio
        .list(twilio.numbersPath)
        .map(({ voice_url, trunk_sid }) => [voice_url, trunk_sid === '' ? null : trunk_sid]),
      webhook.numbers.map(() => [url, null]),
    )
    assert.deepEqual((await connection.drift()).findings, [])

    const [first] = twilio.list(twilio.numbersPath)
    Object.assign(first ?? {}, { voice_url: 'https://elsewhere.example.com/v' })
    const { findings, changes: back } = await connection.drift()
    assert.deepEqual(
      findings.map(({ state, detail }) => [state, detail]),
      [
        [
          'failed',
          'the voice webhook of +14155550100 has moved: its calls go to the webhook https://elsewhere.example.com',
        ],
      ],
    )
    assert.equal(back.length, 1)
    await connection.connect(asked)

    const given = await connection.disconnection()
    assert.match(
      given.map(({ words }) => words).join('\n'),
      /\+14155550100 to the webhook https:\/\/hooks\.example\.com again/,
    )
    assert.doesNotMatch(given.map(({ words }) => words).join('\n'), /hidden/)
    await connection.disconnect()
    const setOf = (value: unknown) => (value === '' ? null : value)
    const used = (one: Record<string, unknown>) => [one.voice_url, one.trunk_sid, one.voice_application_sid].map(setOf)
    assert.deepEqual(twilio.list(twilio.numbersPath).map(used), before.map(used))
  })

  it('finds transfers switched off, an origination moved and a number released', async () => {
    twilio.addNumber('+14155550100')
    const released = twilio.addNumber('+14155550101')
    await connection.connect(request())
    const [trunk] = twilio.list('/v1/Trunks')
    Object.assign(trunk ?? {}, { transfer_mode: 'disable-all' })
    const [origination] = twilio.list(`/v1/Trunks/${trunk?.sid}/OriginationUrls`)
    Object.assign(origination ?? {}, { sip_url: 'sip:elsewhere.example.com' })
    twilio.collections.get(twilio.numbersPath)?.delete(released)

    const { changes, missing } = await connection.drift()
    assert.deepEqual(missing, ['+14155550101'])
    assert.deepEqual(
      changes.map(({ call }) => call.kind),
      ['update_trunk', 'add_origination', 'remove_origination'],
    )
    assert.match(changes[0]?.words ?? '', /call transfer from disable-all to enable-all/)
    await connection.connect({ wanted: { ...wanted, numbers: ['+14155550100'] } })
    assert.deepEqual((await connection.drift()).changes, [])
  })

  it('takes over a trunk, says each setting from what it is, and gives it back as it was', async () => {
    const settings = { TransferMode: 'sip-only', DisasterRecoveryUrl: 'https://office.example.com/down.xml' }
    const trunkSid = twilio.addTrunk('of the office', settings)
    twilio.addOrigination(trunkSid, 'sip:pbx.example.com', 10)
    twilio.addOrigination(trunkSid, 'sip:b.example.com:5061;transport=tls', 5)
    twilio.addNumber('+14155550100', { trunk_sid: trunkSid })
    twilio.addNumber('+14155550101', { voice_url: 'https://hooks.example.com/v' })
    twilio.addNumber('+14155550199', { trunk_sid: trunkSid })
    const before = twilio.snapshot()
    const { numbers, secure, uris, termination } = wanted
    const rest = { numbers, secure, uris, termination }
    const takeover = { ...request(), wanted: { ...rest, trunkSid } }

    const { changes, others } = await connection.plan(takeover)
    assert.deepEqual(others, ['+14155550199'])
    assert.deepEqual(changes.map(({ words }) => words).slice(0, 4), [
      'Of the SIP trunk of the office: secure trunking from off to on, call transfer from sip-only to enable-all, ' +
        'the termination domain from none to acme.pstn.twilio.com',
      'Send calls of the trunk to sip:a.example.com:5061;transport=tls (priority 10)',
      'Send calls of the trunk to sip:b.example.com:5061;transport=tls: priority from 5 to 20',
      'Send no more calls of the trunk to sip:pbx.example.com: switched off, and kept',
    ])
    for (const writes of [2, 4]) {
      twilio.writesLeft = writes
      await assert.rejects(connection.connect(takeover), /Twilio answers 500/)
    }
    twilio.writesLeft = Infinity
    await connection.connect(takeover)
    const { changes: left, findings } = await connection.drift()
    assert.deepEqual([left, findings], [[], []])
    await assert.rejects(connection.connect({ wanted: rest }), /is connected. Disconnect it first/)

    await connection.disconnect()
    const trunk = twilio.list('/v1/Trunks')[0] ?? {}
    assert.equal(trunk.domain_name, 'acme.pstn.twilio.com')
    trunk.domain_name = null
    assert.deepEqual(twilio.snapshot(), before)
  })

  it('gives a trunk back without what has been changed there since', async () => {
    const trunkSid = twilio.addTrunk('of the office', { DomainName: 'office.pstn.twilio.com' })
    const pbx = twilio.addOrigination(trunkSid, 'sip:pbx.example.com', 10)
    const takeover = { credentials: credentials(), wanted: { ...wanted, numbers: [], trunkSid }, password }
    await connection.connect(takeover)
    Object.assign(twilio.list('/v1/Trunks')[0] ?? {}, { secure: false, transfer_mode: 'sip-only' })
    Object.assign(twilio.collections.get(`/v1/Trunks/${trunkSid}/OriginationUrls`)?.get(pbx) ?? {}, { enabled: true })
    const writes = twilio.writes.length
    await connection.disconnect()

    const [trunk] = twilio.list('/v1/Trunks')
    assert.deepEqual(
      [trunk?.secure, trunk?.transfer_mode, trunk?.domain_name, trunk?.disaster_recovery_url],
      [...[false, 'sip-only', 'office.pstn.twilio.com', '']],
    )
    const fields = twilio.writes.slice(writes).find(({ request: at }) => at === `POST /v1/Trunks/${trunkSid}`)?.fields
    assert.deepEqual(Object.keys(fields ?? {}).sort(), ['DisasterRecoveryMethod', 'DisasterRecoveryUrl', 'DomainName'])
    assert.deepEqual(
      twilio.list(`/v1/Trunks/${trunkSid}/OriginationUrls`).map((one) => [one.sip_url, one.enabled, one.priority]),
      [['sip:pbx.example.com', true, 10]],
    )
    await assert.rejects(
      connection.plan({ ...takeover, wanted: { ...wanted, numbers: [], trunkSid: 'TK0' } }),
      /no SIP trunk/,
    )
  })

  describe('finds', () => {
    let trunkSid: string
    const of = (path: string) => twilio.list(`/v1/Trunks/${trunkSid}/${path}`)
    const lists = (kind: string) => `/2010-04-01/Accounts/${twilio.accountSid}/SIP/${kind}`
    const set = (fields: object) => Object.assign(twilio.list('/v1/Trunks')[0] ?? {}, fields)
    const change = (path: string, fields: object) => Object.assign(of(path)[0] ?? {}, fields)
    const drifts: Record<string, [drift: () => unknown, ...findings: RegExp[]]> = {
      'transfers switched off': [() => set({ transfer_mode: 'disable-all' }), /^failed call transfer is switched off/],
      'transfers to numbers refused': [() => set({ transfer_mode: 'sip-only' }), /^failed .* SIP addresses alone/],
      'another caller id': [() => set({ transfer_caller_id: 'from-transferor' }), /^warning .*not the caller's/],
      'secure trunking off': [() => set({ secure: false }), /^failed secure trunking is off/],
      'no disaster recovery URL': [() => set({ disaster_recovery_url: '' }), /^warning the disaster .*gone/],
      'another termination domain': [() => set({ domain_name: 'x.pstn.twilio.com' }), /^failed the termination domain/],
      'a deleted trunk': [() => twilio.collections.get('/v1/Trunks')?.clear(), /^failed the SIP trunk .* is deleted/],
      'a moved origination URL': [
        () => change('OriginationUrls', { sip_url: 'sip:x.example.com' }),
        ...[/^warning calls no longer go to sip:a/, /^warning calls go to sip:x/],
      ],
      'no origination URL': [
        () => twilio.collections.get(`/v1/Trunks/${trunkSid}/OriginationUrls`)?.clear(),
        ...[/^failed calls no longer go to sip:a/, /^failed calls no longer go to sip:b/],
      ],
      'another priority': [() => change('OriginationUrls', { priority: 30 }), /^warning sip:a.* has priority 30/],
      'an origination URL switched off': [
        () => change('OriginationUrls', { enabled: false }),
        /^warning .*switched off/,
      ],
      'a credential list that is gone': [
        () => twilio.collections.get(lists('CredentialLists'))?.clear(),
        /^failed the credential list .* lacks baton/,
      ],
      'an IP access control list not in use': [
        () => twilio.collections.get(`/v1/Trunks/${trunkSid}/IpAccessControlLists`)?.clear(),
        /^failed the IP access control list .* is gone or is not used/,
      ],
      'a released number': [
        () => twilio.collections.get(twilio.numbersPath)?.clear(),
        /^failed \+14155550100 is released/,
        /^failed \+14155550101 is released/,
      ],
      'a number with a webhook': [
        () =>
          Object.assign(twilio.list(twilio.numbersPath)[0] ?? {}, {
            trunk_sid: null,
            voice_url: 'https://x.example/?t',
          }),
        /^failed calls to \+14155550100 go to the webhook https:\/\/x\.example, and not/,
      ],
    }
    for (const [name, [drift, ...expected]] of Object.entries(drifts)) {
      it(name, async () => {
        twilio.addNumber('+14155550100')
        twilio.addNumber('+14155550101')
        await connection.connect(request())
        trunkSid = String(twilio.list('/v1/Trunks')[0]?.sid)
        assert.deepEqual(
          (await connection.checks()).map(({ state }) => state),
          ['ok', 'ok'],
        )
        drift()
        const found = (await connection.drift()).findings.map(({ state, detail }) => `${state} ${detail}`)

        assert.equal(found.length, expected.length, found.join('\n'))
        expected.forEach((pattern, at) => {
          assert.match(found[at] ?? '', pattern)
        })
      })
    }

    it('that Twilio cannot be asked', async () => {
      twilio.addNumber('+14155550100')
      twilio.addNumber('+14155550101')
      await connection.connect(request())
      twilio.close()
      const [check] = await connection.checks()

      assert.equal(check?.state, 'warning')
      assert.match(check.detail, /^the account cannot be checked: Twilio does not answer/)
    })
  })

  describe('in Redis', () => {
    needs('redis-server')
    let redis: RedisServer
    beforeEach(async () => (redis = await RedisServer.start()))
    afterEach(() => redis.stop())

    it('is that of all Batons, which go on with it and take it away', async () => {
      const openShared = () => TwilioConnection.open({ dataDir: dir, redisUrl: redis.url, secretsKey }, log, twilio.url)
      twilio.addNumber('+14155550100')
      twilio.addNumber('+14155550101')
      const [one, other] = [await openShared(), await openShared()]
      twilio.writesLeft = 4
      await assert.rejects(one.connect(request()), /Twilio answers 500/)
      twilio.writesLeft = Infinity
      await until('the other has the connection', () => other.status().connected)
      await other.connect({ wanted, password })
      assert.deepEqual([(await one.drift()).changes, twilio.writes.length], [[], 11])
      const kept = String(await redis.ask('HGET', 'baton:twilio', 'text'))
      assert.match(kept, /"sealed"/)
      for (const secret of [twilio.secret, password]) assert.ok(!kept.includes(secret))
      await one.disconnect()
      await until('the other has none', () => !other.status().connected)
      assert.deepEqual(twilio.list('/v1/Trunks'), [])
      await one.close()
      await other.close()
    })
  })

  it('keeps its secret encrypted, and shows and logs neither it nor the password', async () => {
    twilio.addNumber('+14155550100')
    twilio.addNumber('+14155550101')
    const shown: unknown[] = [
      await connection.plan(request()),
      await connection.connect(request()),
      connection.status(),
    ]
    const wrong = { ...request(), credentials: { ...credentials(), secret: 'wr0ng-s3cret' } }
    await assert.rejects(connection.plan(wrong), (error: Error) => {
      shown.push(error.message)

      return error.message.includes('does not accept the account SID')
    })
    const files = await readdir(dir, { recursive: true, withFileTypes: true })
    const kept = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    )

    assert.match(kept.join(''), /"sealed"/)
    for (const secret of [twilio.secret, password, 'wr0ng-s3cret']) {
      assert.ok(!JSON.stringify([kept, shown, logged]).includes(secret))
    }
    await connection.close()
    connection = await open(Buffer.alloc(32, 8).toString('base64'))
    await assert.rejects(connection.drift(), /SECRETS_KEY is not the key/)
  })

  it('is refused without SECRETS_KEY, for another account, for an unknown number and without a password', async () => {
    await assert.rejects(connection.connect(request()), /has no number \+14155550100/)
    twilio.addNumber('+14155550100')
    twilio.addNumber('+14155550101')
    await assert.rejects(connection.connect({ credentials: credentials(), wanted }), /needs a password/)
    const another = { ...credentials(), accountSid: `AC${'1'.repeat(32)}` }
    await assert.rejects(connection.plan({ credentials: another, wanted }), /Disconnect it first/)
    await connection.close()
    connection = await open('')
    await assert.rejects(connection.connect(request()), /Set SECRETS_KEY/)
    assert.deepEqual(twilio.writes, [])
  })
})
