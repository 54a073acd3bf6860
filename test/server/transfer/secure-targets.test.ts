import assert from 'node:assert/strict'
import { loadSettings } from '../../../config/index.ts'
import { createRequest, createResponse } from '../../../engine/index.ts'
import { plainMedia, type Step } from '../../../routes/index.ts'
import { Trunks } from '../../../server/legs/trunks.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { ReceivedRequest, ReceivedResponse } from '../../../server/sip/received.ts'
import { isSecureUri, isSipsInvite } from '../../../server/sip/secure-uri.ts'
import { destinationOf } from '../../../server/transfer/destination.ts'
import type { AttemptContext } from '../../../server/transfer/attempt.ts'
import { JoinAttempt } from '../../../server/transfer/join-attempt.ts'
import { Redirects } from '../../../server/transfer/redirects.ts'

const [local = assert.fail('there is no trunk by default')] = loadSettings({ env: {} }).trunks
const gateways = ['sip:192.0.2.1', 'sip:192.0.2.2;transport=tls', 'sips:192.0.2.3']
const trunk = { ...local, gateways }

const step: Step = {
  ...{ handoff: 'desk', target: 'tel:+14155550100', method: 'invite', fallback: 'none', headersIn: 'request' },
  ...{ headers: [], labels: {}, callerId: {}, ringTimeout: 30, notifyTimeout: 30, earlyMedia: 'hold' },
  ...{
    redirects: 'follow',
    media: plainMedia,
    number: undefined,
    numberFormat: undefined,
    referUri: undefined,
    referTo: undefined,
    trunk: undefined,
    transport: undefined,
  },
  encryption: undefined,
  progressTimeout: undefined,
}

function inviteFor(uri: string, headers: [string, string][] = []) {
  return createRequest({
    ...{ method: 'INVITE', uri, to: `<${uri}>`, from: '<sip:ann@192.0.2.9>;tag=a', callId: 'a', cseq: 1, headers },
    via: 'SIP/2.0/TLS 192.0.2.9;branch=z9hG4bKa',
  })
}

const received = (uri: string, headers?: [string, string][]) =>
  new ReceivedRequest(inviteFor(uri, headers), { transport: 'tls', remote: { address: '192.0.2.9', port: 5061 } })

function destination(target: string, isSecure: boolean) {
  const caller = { uri: 'sip:ann@192.0.2.9', number: '', name: '', called: '', from: '<sip:ann@192.0.2.9>', to: '' }
  const trunks = new Trunks([trunk])

  return destinationOf(
    { ...step, target },
    { ...{ trunk, trunks, caller, own: [], isSecure }, invite: received('sips:desk@baton.example') },
  )
}

describe('The targets of a sips call', () => {
  it('are sips URIs, and sip URIs that name TLS (RFC 3261 26.2.2)', () => {
    const secure = [
      'sips:a@b',
      'SIPS:a@b',
      'sip:a@b;transport=tls',
      'sip:a@b;lr;transport=TLS',
      'sip:a@b;transport=wss',
    ]
    const plain = [
      'sip:a@b',
      'sip:a@b:5061',
      'sip:a@b;transport=tcp',
      'sip:a@b;transport=ws',
      'sip:sips@b',
      'tel:+1',
      '',
    ]
    assert.deepEqual(secure.filter(isSecureUri), secure)
    assert.deepEqual(plain.filter(isSecureUri), [])
  })

  it('are asked for by the Request-URI or the top Route (RFC 3261 8.1.1.8)', () => {
    const told = [
      received('sips:desk@baton.example'),
      received('sip:desk@baton.example', [['Route', '<sips:192.0.2.5;lr>']]),
      received('sip:desk@baton.example', [['Route', '<sip:192.0.2.5;lr>, <sips:192.0.2.6;lr>']]),
      received('sip:desk@baton.example'),
    ]
    assert.deepEqual(told.map(isSipsInvite), [true, true, false, false])
  })

  it('are those gateways of a number that are secure', () => {
    const { targets, insecure, problem } = destination('tel:+14155550100', true)
    assert.deepEqual(targets, [
      'sip:+14155550100@192.0.2.2;transport=tls;user=phone',
      'sips:+14155550100@192.0.2.3;user=phone',
    ])
    assert.deepEqual(insecure, ['sip:+14155550100@192.0.2.1;user=phone'])
    assert.equal(problem, undefined)
    assert.equal(destination('tel:+14155550100', false).targets.length, 3)
  })

  it('are none where a destination is reached in the clear, which is said', () => {
    const { targets, insecure, problem } = destination('sip:desk@192.0.2.8', true)
    assert.deepEqual([targets, insecure, problem], [[], ['sip:desk@192.0.2.8'], { reason: 'not_secure' }])
    assert.equal(destination('sip:desk@192.0.2.8', false).problem, undefined)
  })

  it('are not left by an attended transfer: a sips caller is joined with the party of another sips call alone', async () => {
    const joining = new Error('it is joined')
    const run = async (isSecure: boolean, other: { isSecure: boolean; handoff?: string }) => {
      const detach = () => {
        throw joining
      }
      const far = { uri: 'sip:far@192.0.2.7' }
      const context = { clock: new FakeClock(), isSecure, other: { id: 'b', farEnd: far, detach, ...other } }
      const attempt = new JoinAttempt(context as unknown as AttemptContext, step)
      try {
        void attempt.run()
      } catch (error) {
        assert.equal(error, joining)

        return 'joined'
      }

      return (await attempt.record.ended).reason
    }
    assert.equal(await run(true, { isSecure: true }), 'joined')
    assert.equal(await run(true, { isSecure: false, handoff: 'desk' }), 'not_secure')
    assert.equal(await run(true, { isSecure: false }), 'not_secure')
    assert.equal(await run(false, { isSecure: true }), 'not_secure')
    assert.equal(await run(false, { isSecure: true, handoff: 'desk' }), 'joined')
    assert.equal(await run(false, { isSecure: false }), 'joined')
  })

  it('are not left by a redirection', () => {
    const from = 'sips:desk@192.0.2.8'
    const response = createResponse(inviteFor(from), 302, undefined, 'b')
    for (const contact of ['<sip:other@192.0.2.8>', `<sips:other@192.0.2.8>`]) response.add('Contact', contact)
    const notes: string[] = []
    const redirects = new Redirects({ ...destination(from, true), redirectProblem: () => undefined }, [])
    const onward = redirects.nextTargets(new ReceivedResponse(response, 'peer'), from, (what) => notes.push(what))
    assert.deepEqual(onward, ['sips:other@192.0.2.8'])
    assert.deepEqual(notes, ['sip:other@192.0.2.8 is not followed: the call is sips, and it is not secure'])
  })
})
