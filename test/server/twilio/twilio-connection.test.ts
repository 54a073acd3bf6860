import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TwilioConnection } from '../../../server/twilio/index.ts'
import { TwilioStandIn } from '../../harness/twilio-stand-in.ts'

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
    assert.match(changes[0]?.words ?? '', /switch on call transfer \(it is disable-all\)/)
    await connection.connect({ wanted: { ...wanted, numbers: ['+14155550100'] } })
    assert.deepEqual((await connection.drift()).changes, [])
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
