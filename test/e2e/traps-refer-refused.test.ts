import assert from 'node:assert/strict'

import { Baton } from '../harness/baton.ts'
import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { agentTold } from './moments.ts'
import { asking, audioAt, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, refusing } from './parts.ts'
import { notifyFrom } from './single-requests.ts'
import { expectRefer, frontDesk } from './traps.ts'

/** Refusals of REFER itself, after which the same destination is bridged. */
const bridged = [
  '302 Moved Temporarily',
  '401 Unauthorized',
  '403 Forbidden',
  '405 Method Not Allowed',
  '407 Proxy Authentication Required',
  '420 Bad Extension',
  '480 Temporarily Unavailable',
  '481 Call/Transaction Does Not Exist',
  '488 Not Acceptable Here',
  '489 Bad Event',
  '500 Server Internal Error',
  '501 Not Implemented',
  '503 Service Unavailable',
  '603 Decline',
]

/** Refusals that speak of the destination, which is not tried again. */
const notThere = ['404 Not Found', '416 Unsupported URI Scheme', '484 Address Incomplete', '486 Busy Here']

const taken: ExpectedMessage[] = ['> 202 REFER', '> NOTIFY', '< 200 NOTIFY', ...isReleased]
const handedOver = ['caller: 202 Accepted', 'caller: NOTIFY SIP/2.0 200 OK, terminated']
const asked = ['> REFER', '< 202 REFER']

for (const stack of stacks) {
  describe(`Refusals of the REFER that we send (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    const expectBridged = async (scenario: string, status: string, local = false) => {
      const played = await play(baton(), {
        caller: { scenario, pause: 100, ...(!local && { keys: refusing(status) }) },
        agents: { agent: asking() },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [{ ...frontDesk, route: uri('desk') }],
      })
      const code = status.slice(0, 3)
      assert.match(
        played.call.transfers[0]?.diagnosis ?? '',
        /REFER.*; Baton bridged instead\. .*The caller was handed over/,
      )
      const refers: ExpectedMessage[] = local ? ['< REFER'] : ['< REFER', `> ${code} REFER`]
      // It may be the dialog that is not there any more.
      const isDoubted = local || code === '481'
      if (isDoubted) refers.push('< INVITE', '> 200 INVITE', '< ACK')
      await expectStory(played, {
        messages: {
          caller: [
            ...callerAnswered,
            ...refers,
            ['< INVITE', { body: audioAt(played.ports.desk) }],
            '> 200 INVITE',
            '< ACK',
            ...hangsUp,
          ],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '180', '200'), ...isReleased],
          desk: [...calleeAnswered, ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'succeeded',
            reason: 'answered',
            attempts: [
              {
                handoff: 'front-desk',
                method: 'refer',
                result: 'failed',
                reason: 'refer_refused',
                code: Number(code),
                evidence: [
                  /^baton: REFER/,
                  local ? `baton: ${status} (made by Baton: nothing came)` : `caller: ${status}`,
                  ...(isDoubted ? ['caller: 200 OK to the re-INVITE that asks for the dialog'] : []),
                ],
              },
              { handoff: 'front-desk', method: 'invite', evidence: [/INVITE/, /180/, /200/, /re-INVITE/] },
            ],
          },
        ],
      })
    }

    for (const status of bridged) {
      it(`${status} to the REFER: the same destination is bridged`, async () => {
        const isDoubted = status.startsWith('481')
        await expectBridged(isDoubted ? 'uac-refer-doubted-bridged' : 'uac-refer-refused-bridged', status)
      })
    }

    it('no answer to the REFER at all: the same destination is bridged', async () => {
      await expectBridged('uac-refer-ignored-bridged', '408 Request Timeout', true)
    })

    for (const status of notThere) {
      it(`${status} to the REFER: the destination is not tried again`, async () => {
        const code = status.slice(0, 3)
        await expectRefer(baton(), {
          what: status,
          caller: { scenario: 'uac-refer-refused-stayed', until: agentTold, keys: refusing(status) },
          messages: ['< REFER', `> ${code} REFER`, ...hangsUp],
          ...{ result: 'failed', reason: 'refer_refused', code: Number(code), ends: 'hangup', agentHears: [code] },
          evidence: [`caller: ${status}`],
        })
      })
    }

    it('405 where the handoff forbids bridging: the caller stays with the agent, who is told', async () => {
      await expectRefer(baton(), {
        what: '405',
        caller: { scenario: 'uac-refer-refused-stayed', until: agentTold, keys: refusing('405 Method Not Allowed') },
        handoff: { fallback: 'none' },
        messages: ['< REFER', '> 405 REFER', ...hangsUp],
        ...{ result: 'failed', reason: 'refer_refused', code: 405, ends: 'hangup', agentHears: ['405'] },
        evidence: ['caller: 405 Method Not Allowed'],
      })
    })

    it('a destination that is Baton itself is not asked for: no circle is begun', async () => {
      const played = await play(baton(), {
        caller: { scenario: 'uac-call-answered', until: agentTold },
        agents: { agent: asking() },
        handoffs: () => [{ ...frontDesk, route: `sip:front-desk@${baton().sip()}` }],
      })
      await expectStory(played, {
        messages: {
          caller: [...callerAnswered, ...hangsUp],
          agent: [...calleeAnswered, ...asked, ...isNotified('100', '503'), ...isReleased],
        },
        transfers: [
          {
            handoff: 'front-desk',
            result: 'failed',
            reason: 'loop',
            attempts: [{ handoff: 'front-desk', method: 'refer', evidence: [] }],
          },
        ],
      })
    })

    const forms: [what: string, handoff: object, referTo: RegExp | string, referredBy?: string][] = [
      ['a tel: route stays tel:', { route: '+14155550177' }, '<tel:+14155550177>'],
      ['a URI with parameters is in angle brackets', { route: 'sip:desk@127.0.0.1:5092;user=phone' }, /^<sip:[^>]+>$/],
      [
        'headers inside are percent-encoded once',
        { headers: { 'X-Note': 'a b&50%' }, headers_in: 'refer_to' },
        '<sip:front-desk@127.0.0.1:5092?X-Note=a%20b%2650%25&X-Reason=billing%20question>',
      ],
      ['a short code stays one', { route: 'sip:911@127.0.0.1:5092' }, '<sip:911@127.0.0.1:5092>'],
      [
        'a Referred-By of the handoff’s own takes the place of the agent’s',
        { headers: { 'Referred-By': '<sip:reception@example.com>' } },
        '<sip:front-desk@127.0.0.1:5092>',
        '<sip:reception@example.com>',
      ],
    ]
    for (const [what, handoff, referTo, referredBy = /^<sip:agent@[^>]+>$/] of forms) {
      it(`Refer-To: ${what}`, async () => {
        await expectRefer(baton(), {
          what,
          handoff,
          caller: {
            scenario: 'uac-refer-notified-released',
            keys: {
              taken: 'SIP/2.0 202 Accepted',
              event: 'Event: refer',
              state: 'Subscription-State: terminated;reason=noresource',
              frag: 'SIP/2.0 200 OK',
            },
          },
          messages: [['< REFER', { 'Refer-To': referTo, 'Referred-By': referredBy }], ...taken],
          ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
          evidence: handedOver,
        })
      })
    }
  })

  describe(`REFER on trunks with settings of their own (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({
      stack,
      file: {
        trunks: [
          {
            name: 'carrier',
            peers: ['127.0.0.1/32'],
            credentials: { username: 'bob', password: 'secret' },
            bye_after_refer: 'success',
          },
        ],
      },
    })

    for (const [status, header] of [
      ['401 Unauthorized', 'WWW-Authenticate'],
      ['407 Proxy Authentication Required', 'Proxy-Authenticate'],
    ] as const) {
      it(`${status}: the trunk’s credentials are given, once`, async () => {
        const answer = header.replace('WWW-Authenticate', 'Authorization').replace('Authenticate', 'Authorization')
        await expectRefer(baton(), {
          what: status,
          caller: {
            scenario: 'uac-refer-challenged-released',
            keys: { challenge: `SIP/2.0 ${status}`, header: `${header}: Digest realm="trunk", nonce="n1"` },
          },
          messages: [
            '< REFER',
            `> ${status.slice(0, 3)} REFER`,
            ['< REFER', { [answer]: /^Digest username="bob", realm="trunk", nonce="n1", uri="sip:caller@/ }],
            ...taken,
          ],
          ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
          evidence: handedOver,
        })
      })
    }

    it('BYE right after the 202 is a success on a trunk that takes calls back like that, and the evidence is kept', async () => {
      await expectRefer(baton(), {
        what: 'BYE',
        caller: { scenario: 'uac-refer-accepted-hung-up', pause: 50 },
        messages: ['< REFER', '> 202 REFER', ...hangsUp],
        ...{ result: 'succeeded', reason: 'bye_after_refer', code: 202, ends: 'transferred', agentHears: ['200'] },
        evidence: ['caller: 202 Accepted', 'caller: BYE'],
      })
    })
  })

  describe(`REFER on a trunk that wants callers on hold (${stack.name})`, () => {
    needs('sipp')
    const trunks = [{ name: 'pbx', peers: ['127.0.0.0/8'], refer_memory: 0, hold_before_refer: true }]
    const baton = sharedBaton({ stack, file: { trunks } })
    const isHeld: ExpectedMessage[] = [['< INVITE', { body: /a=inactive/ }], '> 200 INVITE', '< ACK']

    it('the caller is held, referred, and released', async () => {
      await expectRefer(baton(), {
        what: 'hold',
        caller: { scenario: 'uac-held-refer-released' },
        messages: [...isHeld, '< REFER', ...taken],
        ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
        evidence: handedOver,
        before: ['caller: 200 OK to the hold'],
      })
    })

    it('a caller that stays hears its agent again', async () => {
      await expectRefer(baton(), {
        what: 'hold',
        caller: { scenario: 'uac-held-refer-resumed', pause: 200, keys: refusing('486 Busy Here') },
        messages: [
          ...isHeld,
          '< REFER',
          '> 486 REFER',
          ['< INVITE', { body: /a=sendrecv/ }],
          '> 200 INVITE',
          '< ACK',
          ...hangsUp,
        ],
        ...{ result: 'failed', reason: 'refer_refused', code: 486, ends: 'hangup', agentHears: ['486'] },
        evidence: ['caller: 486 Busy Here', 'caller: 200 OK to the end of the hold'],
        before: ['caller: 200 OK to the hold'],
      })
    })
  })

  describe(`NOTIFY from elsewhere (${stack.name})`, () => {
    needs('sipp')

    it('from an address that is none of the trunk’s gets 403, and tells nothing', async () => {
      const trunks = [{ name: 'carrier', peers: ['127.0.0.1/32'] }]
      const baton = await Baton.start({ stack, file: { trunks } })
      try {
        let answer = ''
        const { call } = await play(baton, {
          caller: { scenario: 'uac-refer-accepted-silent' },
          agents: { agent: asking() },
          handoffs: () => [frontDesk],
          meanwhile: async ({ id }) => {
            answer = await notifyFrom('127.0.0.2', baton, id)
            await baton.events.of('transfer.ended', id)
            await baton.api('POST', `/v1/calls/${id}/hangup`)
          },
        })
        assert.match(answer, /^SIP\/2.0 403 /)
        const [transfer] = call.transfers
        assert.equal(`${transfer?.result} ${transfer?.reason}`, 'unknown no_notify')
        const told = transfer?.attempts[0]?.evidence.filter(({ what }) => what.startsWith('NOTIFY'))
        assert.deepEqual(told, [])
        // The embedded engine refuses it at the dialog, before any transfer hears of it.
        if (stack.name === 'embedded') {
          assert.equal((await baton.metrics()).get('baton_engine_drops_total{reason="not_from_peer"}'), 1)
        }
      } finally {
        await baton.stop()
      }
    })
  })
}
