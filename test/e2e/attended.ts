/** Attended transfers as a table: what the parties do, and what is told of it. */
import type { CallView, TransferView } from '../../server/legs/views.ts'
import type { ExpectedMessage } from '../harness/expect.ts'
import type { Part } from '../harness/sipp.ts'
import type { Cast } from '../harness/story.ts'
import { agentTold, deskSettled, hangUpAfterwards } from './moments.ts'
import { calleeAnswered, callerAnswered, consulting, hangsUp, isNotified, isReleased, refusing } from './parts.ts'
import { onLadder } from './moments.ts'

const isMoved: ExpectedMessage[] = ['< INVITE', '> 200 INVITE', '< ACK']
const refuses: ExpectedMessage[] = ['< INVITE', '> 488 INVITE', '< ACK']

const refusing488 = { keys: refusing('488 Not Acceptable Here') }
const takes: ExpectedMessage[] = [...calleeAnswered]
const consults: ExpectedMessage[] = [...callerAnswered]
export const asks = (...statuses: string[]): ExpectedMessage[] => ['> REFER', '< 202 REFER', ...isNotified(...statuses)]

/** The agent's own call: its messages and those of the one that it was called for come in one process. */
export interface AttendedRow {
  what: string
  caller: Part
  agent: Part
  desk: Part
  handoff?: object
  project?: Record<string, unknown>
  meanwhile?: Cast['meanwhile']
  /** What each party sees; `agent` in any order, where both of its calls go on at once. */
  messages: { caller: ExpectedMessage[]; agent: ExpectedMessage[]; desk: ExpectedMessage[] }
  anyOrder?: boolean
  result: NonNullable<TransferView['result']>
  reason: string
  code?: number
  evidence: (string | RegExp)[]
  /** Why it is not played on the original drachtio-server. */
  original?: string
  /** Where a drachtio server tells of a BYE after what it ends. */
  evidenceThere?: (string | RegExp)[]
  call: Partial<CallView>
  consultation: Partial<CallView>
  diagnosis: RegExp
}

const joins = /^baton: joins the caller with sip:desk@127\.0\.0\.1:\d+, of call [0-9a-f-]{36}$/
const ends: Record<'answered' | 'joined', Partial<CallView>> = {
  answered: { result: 'answered', reason: 'hangup' },
  joined: { result: 'answered', reason: 'joined' },
}
const desks = { joined: { scenario: 'uas-call-reoffered' }, asked: { scenario: 'uas-call-answered' } }

export const attendedRows: AttendedRow[] = [
  {
    what: 'an agent that has called the front desk itself has its caller joined with it',
    caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
    agent: consulting('released', 'asks-released'),
    desk: desks.joined,
    messages: {
      caller: [...callerAnswered, ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '200'), ...isReleased, ...isReleased],
      desk: [...calleeAnswered, ...isMoved, ...isReleased],
    },
    ...{ result: 'succeeded', reason: 'joined', code: 200 },
    evidence: [joins, 'caller: 200 OK to the re-INVITE', 'destination: 200 OK to the re-INVITE'],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: ends.joined,
    diagnosis:
      /^The agent had sip:desk@\S+ on another call already, and the caller was joined with it\. The caller was/,
  },
  {
    what: 'the caller’s music on hold ends with the agent who held it',
    caller: { scenario: 'uac-held-joined', until: agentTold },
    agent: consulting('released', 'holds-released'),
    desk: desks.joined,
    messages: {
      caller: [
        ...callerAnswered,
        ['< INVITE', { body: /a=sendonly/ }],
        '> 200 INVITE',
        '< ACK',
        ['< INVITE', { body: /a=sendrecv/ }],
        '> 200 INVITE',
        '< ACK',
        ...hangsUp,
      ],
      agent: [
        ...takes,
        ...['> INVITE', '< 200 INVITE', '> ACK'],
        ...consults,
        ...asks('100', '200'),
        ...isReleased,
        ...isReleased,
      ],
      desk: [...calleeAnswered, ['< INVITE', { body: /a=sendrecv/ }], '> 200 INVITE', '< ACK', ...isReleased],
    },
    ...{ result: 'succeeded', reason: 'joined', code: 200 },
    evidence: [joins, 'caller: 200 OK to the re-INVITE', 'destination: 200 OK to the re-INVITE'],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: ends.joined,
    diagnosis: /joined/,
  },
  {
    what: 'the REFER may as well come in the call to the front desk, and name the caller’s',
    caller: { scenario: 'uac-reinvite-bridged', until: agentTold },
    agent: consulting('asks-released', 'waits-released'),
    desk: desks.joined,
    messages: {
      caller: [...callerAnswered, ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '200'), ...isReleased, ...isReleased],
      desk: [...calleeAnswered, ...isMoved, ...isReleased],
    },
    ...{ result: 'succeeded', reason: 'joined', code: 200 },
    evidence: [joins, 'caller: 200 OK to the re-INVITE', 'destination: 200 OK to the re-INVITE'],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: ends.joined,
    diagnosis: /joined/,
  },
  {
    what: 'a caller whose own re-INVITE is on its way (491) is asked again',
    caller: { scenario: 'uac-reinvite-glare-bridged', until: agentTold },
    agent: consulting('released', 'asks-released'),
    desk: desks.joined,
    messages: {
      caller: [...callerAnswered, '< INVITE', '> 491 INVITE', '< ACK', ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '200'), ...isReleased, ...isReleased],
      desk: [...calleeAnswered, ...isMoved, ...isReleased],
    },
    ...{ result: 'succeeded', reason: 'joined', code: 200 },
    evidence: [joins, /^caller: 491 /, 'caller: 200 OK to the re-INVITE', 'destination: 200 OK to the re-INVITE'],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: ends.joined,
    diagnosis: /joined/,
  },
  {
    what: 'an agent that hangs up both calls as soon as its REFER is taken does not stop it',
    caller: { scenario: 'uac-reinvite-bridged', pause: 4000 },
    agent: consulting('gone', 'gone'),
    desk: { scenario: 'uas-reoffer-slow', pause: 1500 },
    messages: {
      caller: [...callerAnswered, ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, '> REFER', '< 202 REFER', ...isNotified('100'), ...hangsUp, ...hangsUp],
      desk: [...calleeAnswered, ...isMoved, ...isReleased],
    },
    anyOrder: true,
    ...{ result: 'succeeded', reason: 'joined', code: 200 },
    evidence: [joins, 'caller: 200 OK to the re-INVITE', 'destination: 200 OK to the re-INVITE'],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: ends.joined,
    diagnosis: /joined/,
  },
  {
    what: 'a caller who refuses the re-INVITE keeps the agent, and the agent the front desk',
    caller: { scenario: 'uac-reinvite-refused-stayed', until: agentTold, ...refusing488 },
    agent: consulting('hangs-up', 'asks-released'),
    desk: desks.asked,
    messages: {
      caller: [...callerAnswered, ...refuses, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '488'), ...isReleased, ...hangsUp],
      desk: [...calleeAnswered, ...isReleased],
    },
    ...{ result: 'failed', reason: 'media_refused', code: 488 },
    evidence: [joins, 'caller: 488 Not Acceptable Here to the re-INVITE'],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: { ...ends.answered, endedBy: 'caller' },
    diagnosis: /no media session in common \(488\)\. The caller was not handed over/,
  },
  {
    what: 'a front desk that refuses the re-INVITE: the caller is moved back to the agent',
    caller: { scenario: 'uac-reinvite-changed-stayed', until: agentTold },
    agent: consulting('hangs-up', 'asks-released'),
    desk: { scenario: 'uas-reoffer-refused', ...refusing488 },
    messages: {
      caller: [...callerAnswered, ...isMoved, ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '488'), ...isReleased, ...hangsUp],
      desk: [...calleeAnswered, ...refuses, ...isReleased],
    },
    ...{ result: 'failed', reason: 'media_refused', code: 488 },
    evidence: [joins, 'caller: 200 OK to the re-INVITE', 'destination: 488 Not Acceptable Here to the re-INVITE'],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: { ...ends.answered, endedBy: 'caller' },
    diagnosis: /no media session in common/,
  },
  {
    what: 'a front desk that hangs up while they are joined: the caller is moved back to the agent',
    caller: { scenario: 'uac-reinvite-changed-stayed', until: agentTold },
    agent: consulting('released', 'asks-released'),
    desk: { scenario: 'uas-reoffer-hangs-up' },
    messages: {
      caller: [...callerAnswered, ...isMoved, ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '503'), ...isReleased, ...isReleased],
      desk: [...calleeAnswered, '< INVITE', ...hangsUp, '> 487 INVITE', '< ACK'],
    },
    anyOrder: true,
    ...{ result: 'failed', reason: 'destination_hung_up' },
    evidence: [
      joins,
      'caller: 200 OK to the re-INVITE',
      'destination: BYE',
      /^(?:destination|baton): 4\d\d .*re-INVITE/,
    ],
    evidenceThere: [joins, 'caller: 200 OK to the re-INVITE', /^baton: 487 .*to the re-INVITE/],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: { ...ends.answered, endedBy: 'destination' },
    diagnosis: /hung up before/,
    original: 'it forgets a re-INVITE of ours when a BYE comes, and acknowledges no answer to it',
  },
  {
    what: 'a caller who hangs up while they are joined: the front desk has the agent again',
    caller: { scenario: 'uac-reinvite-bridged' },
    agent: consulting('hangs-up', 'asks-released', 4000),
    desk: { scenario: 'uas-reoffer-slow-restored', pause: 1500 },
    messages: {
      caller: [...callerAnswered, ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '487'), ...isReleased, ...hangsUp],
      desk: [...calleeAnswered, ...isMoved, ...isMoved, ...isReleased],
    },
    ...{ result: 'abandoned', reason: 'caller_hung_up' },
    evidence: [joins, 'caller: 200 OK to the re-INVITE', 'caller: BYE', /^destination: 200 OK to the re-INVITE$/],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: { ...ends.answered, endedBy: 'caller' },
    diagnosis: /The caller hung up first/,
  },
  {
    what: 'called off by the API while they are joined: everybody is back where they were',
    caller: { scenario: 'uac-reinvite-changed-stayed', until: deskSettled(3) },
    agent: consulting('hangs-up', 'asks-released'),
    desk: { scenario: 'uas-reoffer-slow-restored', pause: 1500 },
    meanwhile: async ({ id, baton }) => {
      await onLadder(baton, id, ({ leg, text }) => leg === 'destination' && text.startsWith('INVITE'))
      await baton.api('POST', `/v1/calls/${id}/transfer/cancel`)
    },
    messages: {
      caller: [...callerAnswered, ...isMoved, ...isMoved, ...hangsUp],
      agent: [...takes, ...consults, ...asks('100', '487'), ...isReleased, ...hangsUp],
      desk: [...calleeAnswered, ...isMoved, ...isMoved, ...isReleased],
    },
    ...{ result: 'failed', reason: 'cancelled' },
    evidence: [joins, 'caller: 200 OK to the re-INVITE', /^destination: 200 OK to the re-INVITE$/],
    call: { ...ends.answered, endedBy: 'caller' },
    consultation: { ...ends.answered, endedBy: 'caller' },
    diagnosis: /called off/,
  },
  {
    what: 'a call that is over cannot be joined: the caller stays with the agent',
    caller: { scenario: 'uac-call-released' },
    agent: consulting('left', 'asks-released'),
    desk: { scenario: 'uas-call-answered-hangs-up', pause: 50 },
    meanwhile: hangUpAfterwards,
    messages: {
      caller: [...callerAnswered, ...isReleased],
      agent: [...takes, ...consults, ...isReleased, ...asks('100', '481'), ...isReleased],
      desk: [...calleeAnswered, ...hangsUp],
    },
    ...{ result: 'failed', reason: 'no_such_dialog', code: 481 },
    evidence: ['baton: Replaces names no call that is up'],
    call: { result: 'answered', reason: 'hung_up_by_api', endedBy: 'baton' },
    consultation: { ...ends.answered, endedBy: 'destination' },
    diagnosis: /does not have, or no longer has \(481\)\. .* Have the agent call the handoff through Baton/,
  },
]
