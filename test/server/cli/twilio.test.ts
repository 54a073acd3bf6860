import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { TwilioConnection, twilioTrunkYaml } from '../../../server/twilio/index.ts'
import { TwilioStandIn } from '../../harness/twilio-stand-in.ts'
import { startApi } from '../api/baton.ts'
import { Terminal } from './terminal.ts'

describe('baton twilio', () => {
  it('shows the changes beforehand, makes them, says what has drifted, and takes them away', async () => {
    const terminal = await Terminal.open()
    const standIn = await TwilioStandIn.start()
    standIn.addNumber('+14155550100')
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const secretsKey = Buffer.alloc(32, 7).toString('base64')
    const twilio = await TwilioConnection.open({ dataDir: terminal.dir, secretsKey }, log, standIn.url)
    const baton = await startApi({ twilio })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`
    const wanted = ['--numbers', '+14155550100', '--uris', 'sip:203.0.113.7']
    const connect = ['twilio', 'connect', '--account', standIn.accountSid, ...wanted]

    const none = await terminal.baton('twilio')
    terminal.input = standIn.secret
    const shown = await terminal.baton(...connect, '--dry-run')
    const writes = standIn.writes.length
    const made = await terminal.baton(...connect)
    const again = await terminal.baton('twilio', 'connect', ...wanted)
    standIn.collections.get(standIn.numbersPath)?.clear()
    const status = await terminal.baton('twilio', 'status')
    const gone = await terminal.baton('twilio', 'disconnect')
    const half = await baton.api.inject({
      ...{ method: 'POST', url: '/v1/twilio/connect' },
      payload: { accountSid: standIn.accountSid, numbers: [], uris: ['sip:203.0.113.7'], secure: false },
    })
    const without = await baton.api.inject({
      ...{ method: 'POST', url: '/v1/twilio/plan' },
      payload: { numbers: [], uris: ['sip:203.0.113.7'], secure: false, username: 'baton' },
    })
    await baton.close()
    await twilio.close()
    standIn.close()
    await terminal.close()

    assert.equal(none.out, 'No Twilio account is connected.\n')
    assert.match(
      shown.out,
      /^Would change in the account:\n {2}Create the SIP trunk baton: .*\n.*\n {2}Send calls to \+1/,
    )
    assert.equal(writes, 0)
    assert.match(made.out, /^Changed in the account:\n {2}Create the SIP trunk baton-/)
    assert.equal(again.out, 'Nothing to change in the account.\n')
    assert.match(
      status.out,
      /^AC0+ is connected\.\nfailed: \+14155550100 is released: .*\n {2}Change the connection .*54\.172/s,
    )
    assert.match(gone.out, /Delete the SIP trunk baton-/)
    assert.match(half.body, /accountSid and secret together/)
    assert.match(without.body, /Give the domain/)
    assert.ok(!JSON.stringify([shown, made, again, status, gone, baton.logged]).includes(standIn.secret))
  })

  it('prints the trunk of config/providers/twilio.yaml', async () => {
    const file = await readFile(new URL('../../../config/providers/twilio.yaml', import.meta.url), 'utf8')

    assert.ok(file.endsWith(twilioTrunkYaml))
  })

  it('says that SECRETS_KEY is needed where it is not set', async () => {
    const baton = await startApi()
    const { statusCode, body } = await baton.api.inject('/v1/twilio')
    await baton.close()

    assert.equal(statusCode, 501)
    assert.match(body, /Set SECRETS_KEY/)
  })
})
