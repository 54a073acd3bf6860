import assert from 'node:assert/strict'

import type { CallView } from '../../server/legs/views.ts'
import { signature } from '../../server/http-endpoint.ts'
import { expectStory } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { json, HttpEndpoint } from '../harness/http-endpoint.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play, type Cast } from '../harness/story.ts'
import { until } from '../harness/until.ts'
import { agentTold } from './moments.ts'
import { asking, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, notifies } from './parts.ts'

const secret = 's3cret-of-the-crm'
const asked = ['> REFER', '< 202 REFER']

for (const stack of stacks) {
  describe(`A resolver of a handoff (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp')
    /** Where the parties listen that answers name. */
    let vip = ''
    let crm: HttpEndpoint
    before(async () => {
      crm = await HttpEndpoint.start({
        decides: (response) => {
          json({ route: vip, headers: { 'X-Tier': 'gold', 'X-Account': '' } })(response)
        },
        headers: json({ headers: { 'X-Tier': 'gold' } }),
        hangs: () => undefined,
        waits: () => undefined,
        fails: json({ route: 'sip:vip@127.0.0.1' }, 500),
        moved: (response) => response.writeHead(307, { location: '/decides' }).end(),
        nonsense: (response) => response.end('<html>'),
        huge: (response) => response.end(JSON.stringify({ announce: 'x'.repeat(70_000) })),
        dies: (response) => {
          response.writeHead(200, { 'content-length': '100' })
          response.write('{"route":')
          setImmediate(() => response.destroy())
        },
        crlf: json({ headers: { 'X-Tier': 'gold\r\nX-Evil: 1' } }),
        owned: json({ headers: { Contact: '<sip:evil@evil.example>' } }),
        denied: json({ route: 'sip:vip@10.1.2.3' }),
        premium: json({ route: '+19005550100' }),
        circle: (response) => {
          json({ route: `sip:desk@${baton().sip()}` })(response)
        },
      })
    })
    after(() => crm.close())
    const baton = sharedBaton({ stack, env: { RESOLVER_SECRETS: `crm:${secret}` } })

    /** A handoff that asks the endpoint at that path. */
    const desk = (path: string) => ({
      ...{ name: 'front-desk', default: true, headers: { 'X-Account': 'acct-7', 'X-Env': '$environment' } },
      resolver: { url: path.includes('://') ? path : crm.url(path), timeout: 0.5, secret: 'crm' },
    })
    const project = { adhoc_hosts: ['127.0.0.1'] }

    /** A caller that is bridged to the desk of the table or, if the resolver says so, to the other one. */
    const bridged = (path: string, meanwhile: Cast['meanwhile'] = () => Promise.resolve()) =>
      play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: ({ id }) => baton().events.of('transfer.ended', id) },
        agents: { agent: { scenario: 'uas-call-answered' } },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => {
          vip = uri('desk').replace('desk', 'vip')

          return [{ ...desk(path), method: 'invite', route: uri('desk') }]
        },
        project,
        meanwhile: async (call) => {
          await baton().events.of('call.answered', call.id)
          const request = { handoff: 'front-desk', variables: { language: 'de' }, context: { ticket: 7 } }
          await baton().api('POST', `/v1/calls/${call.id}/transfer`, request)
          await meanwhile(call)
        },
      })
    const usual = {
      caller: [...callerAnswered, '< INVITE', '> 200 INVITE', '< ACK', ...hangsUp],
      agent: [...calleeAnswered, ...isReleased],
    }
    const answered = (user: string, port: number | undefined) => [
      `baton: INVITE sip:${user}@127.0.0.1:${port}`,
      'destination: 180 Ringing',
      'destination: 200 OK',
      'caller: 200 OK to the re-INVITE',
    ]

    it('names the route and headers of an INVITE, and is told of the call in a signed request', async () => {
      const played = await bridged('decides')
      await expectStory(played, {
        messages: {
          ...usual,
          desk: [
            ['< INVITE', { uri: /^INVITE sip:vip@/, 'X-Tier': 'gold', 'X-Account': '', 'X-Env': 'live' }],
            ...calleeAnswered.slice(1),
            ...isReleased,
          ],
        },
        transfers: [
          {
            handoff: 'front-desk',
            attempts: [
              {
                ...{ handoff: 'front-desk', method: 'invite', result: 'succeeded', target: vip },
                evidence: [
                  `baton: asks the resolver at ${crm.origin}`,
                  `baton: resolver answered ${vip}, with X-Tier, X-Account`,
                  ...answered('vip', played.ports.desk),
                ],
              },
            ],
          },
        ],
      })
      const { headers, body } = crm.asked.at(-1) ?? assert.fail('it was not asked')
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signed } = headers
      assert.equal(signed, signature(secret, String(id), Number(at), body))
      const {
        at: when,
        contextId,
        project: inProject,
        transferId,
        ...question
      } = JSON.parse(body) as Record<string, unknown>
      assert.ok(Math.abs(Date.now() - Date.parse(String(when))) < 60_000)
      assert.deepEqual([contextId, transferId], [played.call.transfers[0]?.contextId, played.call.transfers[0]?.id])
      assert.equal(inProject, played.call.project)
      const { called } = question.call as Record<string, string>
      assert.match(called ?? '', /^\+1415555\d{4}$/)
      assert.deepEqual(question, {
        ...{ type: 'transfer.resolve', environment: 'live', version: 1, handoff: 'front-desk', method: 'invite' },
        route: vip.replace('vip', 'desk'),
        call: {
          ...{ id: played.call.id, caller: '+14155550123', callerName: 'Ann Caller' },
          called,
          headers: { 'X-Customer': 'gold-42' },
        },
        ...{ variables: { language: 'de' }, headers: {}, context: { ticket: 7 } },
      })
    })

    it('names the Refer-To of a REFER, and its headers', async () => {
      vip = 'sip:vip@127.0.0.1:5999'
      const played = await play(baton(), {
        caller: { scenario: 'uac-refer-accepted-succeeded', pause: 50 },
        agents: { agent: asking() },
        handoffs: () => [{ ...desk('decides'), route: 'sip:front-desk@127.0.0.1:5092' }],
        project,
      })
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ['< REFER', { 'Refer-To': `<${vip}>`, 'X-Tier': 'gold', 'X-Account': '', 'X-Reason': 'billing question' }],
            '> 202 REFER',
            ...notifies('100', '180', '200'),
            ...isReleased,
          ],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
        },
        call: { result: 'answered', reason: 'transferred' },
        transfers: [
          {
            handoff: 'front-desk',
            attempts: [
              {
                ...{ handoff: 'front-desk', method: 'refer', target: vip },
                evidence: [
                  `baton: asks the resolver at ${crm.origin}`,
                  `baton: resolver answered ${vip}, with X-Tier, X-Account`,
                  `baton: REFER to <${vip}>`,
                  'caller: 202 Accepted',
                  'caller: NOTIFY SIP/2.0 100 Trying',
                  'caller: NOTIFY SIP/2.0 180 Ringing',
                  'caller: NOTIFY SIP/2.0 200 OK, terminated',
                ],
              },
            ],
          },
        ],
      })
    })

    for (const [path, evidence] of [
      ['headers', 'baton: resolver answered no route, with X-Tier'],
      ['decides', 'baton: resolver: its route: method bye has no route; the headers of the table were used'],
    ] as const) {
      it(`adds headers to a BYE, and no route (${path})`, async () => {
        const played = await play(baton(), {
          caller: { scenario: 'uac-call-released' },
          agents: { agent: asking() },
          handoffs: () => [{ ...desk(path), method: 'bye' }],
        })
        await expectStory(played, {
          messages: {
            caller: [
              ...callerAnswered,
              ['< BYE', { 'X-Tier': path === 'headers' ? 'gold' : '', 'X-Account': 'acct-7' }],
              '> 200 BYE',
            ],
            agent: [...calleeAnswered, ...asked, ...isNotified('100', '200'), ...isReleased],
          },
          call: { result: 'answered', reason: 'transferred' },
          transfers: [
            {
              ...{ handoff: 'front-desk', reason: 'returned' },
              attempts: [
                {
                  ...{ handoff: 'front-desk', method: 'bye', code: 200 },
                  evidence: [`baton: asks the resolver at ${crm.origin}`, evidence, 'baton: BYE', 'caller: 200 OK'],
                },
              ],
            },
          ],
        })
      })
    }

    const failures: [path: string, result: string, why: string][] = [
      ['hangs', 'timeout', 'no answer within 0.5 s'],
      ['fails', 'refused', 'it answered 500'],
      ['moved', 'refused', 'it answered 307'],
      ['nonsense', 'invalid', 'it is no JSON object'],
      ['huge', 'invalid', 'its answer has more than 65536 bytes'],
      ['crlf', 'invalid', 'its header "X-Tier": holds CR'],
      ['owned', 'invalid', 'its header "Contact": Contact is set by Baton\'s SIP stack'],
      ['circle', 'denied', ''],
    ]
    for (const [path, result, why] of failures) {
      it(`that gives no usable answer leaves the route of the table (${path})`, async () => {
        const before = crm.asked.length
        const counted = async () => (await baton().metrics()).get(`baton_resolver_requests_total{result="${result}"}`)
        const was = await counted()
        const played = await bridged(path)
        const [asks, answer, ...rest] = (played.call.transfers[0]?.attempts[0]?.evidence ?? []).map(({ what }) => what)
        assert.equal(asks, `asks the resolver at ${crm.origin}`)
        const said = path === 'circle' ? `its route sip:desk@${baton().sip()}: it leads back to Baton itself` : why
        assert.equal(answer, `resolver: ${said}; the route of the table was used`)
        assert.equal(rest[0], `INVITE sip:desk@127.0.0.1:${played.ports.desk}`)
        assert.equal(played.call.transfers[0]?.result, 'succeeded')
        // Nothing is asked again, and no redirection is followed.
        assert.deepEqual(
          crm.asked.slice(before).map((each) => each.path),
          [`/${path}`],
        )
        assert.equal(await counted(), (was ?? assert.fail('it is not counted')) + 1)
        assert.deepEqual(played.traces.desk?.messages[0]?.headers('X-Account'), ['acct-7'])
      })
    }

    it('that is down, dies midway, or is not allowed where it leads, leaves the route of the table', async () => {
      const evidenceOf = async (path: string): Promise<string | undefined> =>
        (await bridged(path)).call.transfers[0]?.attempts[0]?.evidence[1]?.what
      const gone = await HttpEndpoint.start({})
      const url = gone.url('decides')
      await gone.close()
      const instead = '; the route of the table was used'
      assert.match(
        (await evidenceOf(url)) ?? '',
        /^resolver: no connection: .*ECONNREFUSED.*; the route of the table was used$/,
      )
      assert.match((await evidenceOf('dies')) ?? '', /^resolver: no connection: .*; the route of the table was used$/)
      assert.match(
        (await evidenceOf('denied')) ?? '',
        new RegExp(`^resolver: 10.1.2.3 is a private host, .*${instead}$`),
      )
      assert.match(
        (await evidenceOf('premium')) ?? '',
        new RegExp(`^resolver: \\+19005550100 is a premium-rate .*${instead}$`),
      )
    })

    /** A transfer that ends while the resolver is asked. */
    const unanswered = (end: Pick<Cast, 'caller' | 'meanwhile'>) =>
      play(baton(), {
        ...end,
        agents: { agent: asking() },
        handoffs: () => [
          {
            ...{ ...desk('waits'), method: 'invite', route: 'sip:desk@127.0.0.1:9' },
            resolver: { url: crm.url('waits'), timeout: 10 },
          },
        ],
      })
    const isAsked = (before: number) => until('the resolver is asked', () => crm.asked.length > before)
    const unsent = (end: object, evidence: string[]) => ({
      handoff: 'front-desk',
      ...end,
      attempts: [
        {
          ...{ handoff: 'front-desk', method: 'invite' as const, ...end },
          evidence: [`baton: asks the resolver at ${crm.origin}`, ...evidence],
        },
      ],
    })

    it('is not awaited when the caller hangs up: no destination is called', async () => {
      const before = crm.asked.length
      const played = await unanswered({ caller: { scenario: 'uac-call-answered', until: () => isAsked(before) } })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '487'), ...isReleased],
        },
        transfers: [unsent({ result: 'abandoned', reason: 'caller_hung_up' }, ['caller: BYE'])],
      })
      // Without a secret, the request is not signed.
      assert.equal(crm.asked.at(-1)?.headers['webhook-signature'], undefined)
      await until('no connection waits for the answer', () => crm.connections <= 1)
    })

    it('is not awaited when the transfer is called off: the caller stays with the agent', async () => {
      const before = crm.asked.length
      const played = await unanswered({
        caller: { scenario: 'uac-call-answered', until: agentTold },
        meanwhile: async ({ id }) => {
          await isAsked(before)
          await baton().api('POST', `/v1/calls/${id}/transfer/cancel`)
        },
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '487'), ...isReleased],
        },
        transfers: [unsent({ result: 'failed', reason: 'cancelled' }, [])],
      })
    })

    it('is asked neither by a rehearsal, which proves the table, nor by an explanation, which says that it decides', async () => {
      const before = crm.asked.length
      const { call } = await bridged('decides')
      assert.equal(crm.asked.length, before + 1)
      const { project: name } = call
      const rehearsal = await baton().api<{ verdict: string; cause?: string; call?: CallView }>(
        'POST',
        `/v1/projects/${name}/rehearsals`,
        { environment: 'live', handoff: 'front-desk', destination: 'synthetic' },
      )
      assert.equal(rehearsal.verdict, 'passed', rehearsal.cause)
      assert.equal(
        rehearsal.call?.transfers[0]?.attempts[0]?.evidence[0]?.what,
        'the resolver is asked for calls of callers alone; the route of the table was used',
      )
      const explained = await baton().api<{ warnings: { code: string }[] }>('POST', `/v1/projects/${name}/explain`, {
        ...{ environment: 'live', handoff: 'front-desk' },
      })
      assert.ok(explained.warnings.some(({ code }) => code === 'resolver'))
      assert.equal(crm.asked.length, before + 1)
    })

    it('keeps its secret to itself, and its connections open', async () => {
      const before = crm.asked.length
      const { call } = await bridged('decides')
      await bridged('decides')
      const ports = crm.asked.slice(before).map(({ port }) => port)
      assert.equal(ports[0], ports[1])
      const { project: name } = call
      const shown = await Promise.all(
        [
          `/v1/projects/${name}`,
          `/v1/projects/${name}/draft`,
          `/v1/projects/${name}/versions/1`,
          `/v1/calls/${call.id}`,
          '/v1/history',
        ].map(async (path) => (await baton().request('GET', path)).text()),
      )
      const logged = baton().log.map((entry) => JSON.stringify(entry))
      for (const text of [...shown, ...logged, ...crm.asked.map(({ body }) => body)]) {
        assert.ok(!text.includes(secret), text)
      }
      assert.ok(shown[1]?.includes('"secret":"crm"'), 'the draft has the name of the secret')
    })
  })
}
