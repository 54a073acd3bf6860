import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { agentTold } from './moments.ts'
import { hangsUp, isReleased, notifies } from './parts.ts'
import { expectRefer, obstacle, type ReferRow } from './traps.ts'

const last = 'Subscription-State: terminated;reason=noresource'
const going = 'Subscription-State: active;expires=60'

/** One NOTIFY of the caller's, as lines of the message. */
interface Notify {
  taken?: string
  event?: string
  state?: string
  frag?: string
}

const notifying = (ends: 'released' | 'stayed', notify: Notify) => ({
  scenario: `uac-refer-notified-${ends}`,
  // Long enough for the notify time-out.
  pause: 1300,
  keys: { taken: 'SIP/2.0 202 Accepted', event: 'Event: refer', state: last, frag: 'SIP/2.0 200 OK', ...notify },
})

/** A caller that is handed over by that NOTIFY. */
const success = (what: string, notify: Notify, code = 200): ReferRow => ({
  what,
  caller: notifying('released', notify),
  messages: [
    '< REFER',
    `> ${(notify.taken ?? 'SIP/2.0 202').slice(8, 11)} REFER`,
    '> NOTIFY',
    '< 200 NOTIFY',
    ...isReleased,
  ],
  ...{ result: 'succeeded', reason: 'answered', code, ends: 'transferred', agentHears: ['200'] },
  evidence: [/^caller: 20[02] /, new RegExp(`^caller: NOTIFY SIP/2.0 ${code} `)],
})

/** A caller of whom nothing is known after that NOTIFY. */
const unknown = (what: string, notify: Notify, evidence: RegExp, answer = 200, code = 202): ReferRow => ({
  what,
  caller: notifying('stayed', notify),
  messages: ['< REFER', '> 202 REFER', '> NOTIFY', `< ${answer} NOTIFY`, ...hangsUp],
  ...{ result: 'unknown', reason: 'no_notify', code, ends: 'hangup', agentHears: ['408'] },
  evidence: [/^caller: 202 /, evidence, 'baton: no NOTIFY for 1 s'],
})

/** A caller whose destination answered that, and who stays with the agent. */
const failure = (status: string, reason: string): ReferRow => ({
  what: `NOTIFY ${status}`,
  caller: { scenario: 'uac-refer-failed-stayed', until: agentTold, keys: { failure: status } },
  messages: ['< REFER', '> 202 REFER', ...notifies('100', status.slice(0, 3)), ...hangsUp],
  ...{ result: 'failed', reason, code: Number(status.slice(0, 3)), ends: 'hangup', agentHears: [status.slice(0, 3)] },
  evidence: [/^caller: 202 /, /100/, `caller: NOTIFY SIP/2.0 ${status}, terminated`],
})

const handedOver = ['caller: 202 Accepted', 'caller: NOTIFY SIP/2.0 200 OK, terminated']

const rows: ReferRow[] = [
  success('200 in the place of 202', { taken: 'SIP/2.0 200 OK' }),
  success('a sipfrag with another 2xx', { frag: 'SIP/2.0 202 Accepted' }, 202),
  success('a sipfrag with headers after its status line', {
    frag: 'SIP/2.0 200 OK\r\nContact: <sip:desk@192.0.2.9>\r\nContent-Length: 0\r\n',
  }),
  {
    ...success('NOTIFY with the id of our REFER', {}),
    caller: { ...notifying('released', {}), scenario: 'uac-refer-notified-by-id-released' },
  },
  success('NOTIFY without an Event', { event: 'X-No-Event: 1' }),
  success('NOTIFY without a Subscription-State', { state: 'X-No-State: 1' }),
  success('NOTIFY 200 that is said to be active', { state: going }),
  {
    what: '202 after the first NOTIFY',
    caller: { scenario: 'uac-refer-overtaken-released', lenient: true },
    cross: true,
    messages: ['< REFER', '> NOTIFY', '< 200 NOTIFY', '> 202 REFER', '> NOTIFY', '< 200 NOTIFY', ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
    evidence: ['caller: NOTIFY SIP/2.0 100 Trying', ...handedOver],
  },
  {
    what: 'NOTIFY 200 again after our BYE, as if its answer had been lost',
    caller: { scenario: 'uac-refer-repeated-released' },
    messages: ['< REFER', '> 202 REFER', '> NOTIFY', '< 200 NOTIFY', ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
    evidence: handedOver,
  },
  {
    what: 'a REFER that goes through two record-routing proxies',
    caller: { scenario: 'uac-routed-refer-released' },
    messages: [
      ['< REFER', { Route: /^<sip:[^>]+;lr;proxy=second>, <sip:[^>]+;lr;proxy=first>$/, uri: /^REFER sip:caller@/ }],
      '> 202 REFER',
      '> NOTIFY',
      '< 200 NOTIFY',
      ...isReleased,
    ],
    ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
    evidence: handedOver,
  },
  {
    what: '491 to the first REFER, 202 to the second',
    caller: { scenario: 'uac-refer-glare-released' },
    messages: ['< REFER', '> 491 REFER', '< REFER', '> 202 REFER', '> NOTIFY', '< 200 NOTIFY', ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
    evidence: ['caller: 491 Request Pending', ...handedOver],
  },

  unknown(
    'only 100 Trying, terminated',
    { frag: 'SIP/2.0 100 Trying' },
    /NOTIFY SIP\/2.0 100 Trying, terminated/,
    200,
    100,
  ),
  unknown('a last NOTIFY without a body', { frag: '' }, /NOTIFY without a status, terminated/),
  unknown('an empty sipfrag', { frag: '', state: going }, /NOTIFY without a status$/),
  unknown('a broken sipfrag', { frag: 'SIP/2.0 2OO OK' }, /NOTIFY without a status, terminated/),
  unknown('a sipfrag that is no SIP', { frag: '\u0001%n<html>' }, /NOTIFY without a status, terminated/),
  unknown('NOTIFY with an id that is not our REFER’s', { event: 'Event: refer;id=7' }, /^baton: 481 to a NOTIFY/, 481),
  {
    what: 'NOTIFY of another event',
    caller: notifying('stayed', { event: 'Event: presence' }),
    messages: ['< REFER', '> 202 REFER', '> NOTIFY', ['< 489 NOTIFY', { 'Allow-Events': 'refer' }], ...hangsUp],
    ...{ result: 'unknown', reason: 'no_notify', code: 202, ends: 'hangup', agentHears: ['408'] },
    evidence: [/^caller: 202 /, 'baton: no NOTIFY for 1 s'],
    original: 'it takes this for the end of the dialog, and answers 481 to the caller’s BYE by itself',
  },
  {
    what: '202 with Refer-Sub: false',
    caller: {
      scenario: 'uac-refer-taken-stayed',
      pause: 1300,
      keys: { taken: 'SIP/2.0 202 Accepted\r\nRefer-Sub: false' },
    },
    messages: ['< REFER', ['> 202 REFER', { 'Refer-Sub': 'false' }], ...hangsUp],
    ...{ result: 'unknown', reason: 'no_subscription', code: 202, ends: 'hangup', agentHears: ['408'] },
    evidence: [/^caller: 202 /, 'baton: no NOTIFY for 1 s'],
  },

  {
    what: 'BYE, and NOTIFY 200 after it',
    caller: { scenario: 'uac-refer-hung-up-notified', pause: 100, keys: { state: last, frag: 'SIP/2.0 200 OK' } },
    messages: ['< REFER', '> 202 REFER', ...hangsUp, '> NOTIFY', '< 200 NOTIFY'],
    ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
    evidence: ['caller: 202 Accepted', 'caller: BYE', 'caller: NOTIFY SIP/2.0 200 OK, terminated'],
  },
  {
    what: 'BYE and NOTIFY 200 at the same moment',
    cross: true,
    caller: { scenario: 'uac-refer-hung-up-at-once-notified', lenient: true, keys: { frag: 'SIP/2.0 200 OK' } },
    messages: ['< REFER', '> 202 REFER', '> BYE', '< 200 BYE', '> NOTIFY', '< 200 NOTIFY'],
    ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
    evidence: ['caller: 202 Accepted', 'caller: BYE', 'caller: NOTIFY SIP/2.0 200 OK, terminated'],
  },
  {
    what: 'NOTIFY 200 and BYE at the same moment, crossing ours',
    caller: { scenario: 'uac-refer-notified-hung-up', lenient: true, keys: { frag: 'SIP/2.0 200 OK' } },
    cross: true,
    messages: ['< REFER', '> 202 REFER', '> NOTIFY', '> BYE', '< 200 NOTIFY', '< 200 BYE', ...isReleased],
    ...{ result: 'succeeded', reason: 'answered', code: 200, ends: 'transferred', agentHears: ['200'] },
    evidence: handedOver,
    between: 'whose BYE is with the server first is a matter of luck',
  },
  {
    what: 'BYE, and NOTIFY 486 after it',
    caller: {
      scenario: 'uac-refer-hung-up-notified',
      pause: 100,
      keys: { state: last, frag: 'SIP/2.0 486 Busy Here' },
    },
    messages: ['< REFER', '> 202 REFER', ...hangsUp, '> NOTIFY', '< 200 NOTIFY'],
    ...{ result: 'abandoned', reason: 'caller_hung_up', ends: 'hangup', agentHears: ['487'] },
    attempt: { result: 'failed', code: 486 },
    evidence: ['caller: 202 Accepted', 'caller: BYE', 'caller: NOTIFY SIP/2.0 486 Busy Here, terminated'],
  },
  {
    what: 'NOTIFY 180, and BYE',
    caller: { scenario: 'uac-refer-rang-hung-up', pause: 50 },
    messages: ['< REFER', '> 202 REFER', ...notifies('180'), ...hangsUp],
    ...{ result: 'abandoned', reason: 'caller_hung_up', code: 180, ends: 'hangup', agentHears: ['180', '487'] },
    evidence: ['caller: 202 Accepted', 'caller: NOTIFY SIP/2.0 180 Ringing', 'caller: BYE'],
  },

  failure('486 Busy Here', 'busy'),
  failure('600 Busy Everywhere', 'busy'),
  failure('603 Decline', 'declined'),
  failure('480 Temporarily Unavailable', 'no_answer'),
  failure('408 Request Timeout', 'no_answer'),
  failure('404 Not Found', 'not_found'),
  failure('484 Address Incomplete', 'not_found'),
  failure('488 Not Acceptable Here', 'refused'),
  failure('503 Service Unavailable', 'unreachable'),
  failure('302 Moved Temporarily', 'redirected'),
]

for (const stack of stacks) {
  describe(`Traps of the REFER that we send (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })
    for (const row of rows) {
      const why = obstacle(stack, row)
      if (why !== undefined) it.skip(`${row.what}: ${why}`)
      else {
        it(`${row.what}: ${row.result}, ${row.reason}`, async () => {
          await expectRefer(baton(), row)
        })
      }
    }
  })
}
