/** A destination that is called by a bridged INVITE: one row of a table, played and asserted whole. */
import type { TransferView } from '../../server/legs/views.ts'
import type { Baton } from '../harness/baton.ts'
import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import type { Part } from '../harness/sipp.ts'
import { play, type Played } from '../harness/story.ts'
import { asking, audioAt, calleeAnswered, callerAnswered, isNotified, isReleased } from './parts.ts'

/** A destination that is called by a bridged INVITE, and what is told of it. */
export interface InviteRow {
  what: string
  caller: Part
  /** The caller's messages once it has been answered; `port` is the destination's. */
  callerMessages: (port: number | undefined) => ExpectedMessage[]
  /** Undefined when it must not be called. */
  desk: Part | undefined
  /** The destination's messages; `port` is the caller's. */
  deskMessages: (port: number | undefined) => ExpectedMessage[]
  handoff?: object
  /** The agent, when it is not one that asks at once and is released. */
  agent?: Part
  result: NonNullable<TransferView['result']>
  reason: string
  code?: number
  agentHears: string[]
  evidence: (string | RegExp)[]
  endedBy: 'caller' | 'destination' | 'baton'
  callReason?: string
  /** What a drachtio server says by itself. */
  serverSays?: string[]
}

export const moved = (port: number | undefined): ExpectedMessage[] => [
  ['< INVITE', { body: audioAt(port) }],
  '> 200 INVITE',
  '< ACK',
]
export const refused = (code: string): ExpectedMessage[] => ['< INVITE', `> ${code} INVITE`, '< ACK']
export const answeredBy = ['destination: 180 Ringing', 'destination: 200 OK']

/** Plays a row and asserts all of it: messages, outcome, reason, evidence, events and metrics. */
export async function expectInvite(baton: Baton, row: InviteRow): Promise<Played> {
  const { result, reason, code, agentHears, evidence } = row
  const played = await play(baton, {
    caller: row.caller,
    agents: { agent: row.agent ?? asking() },
    destinations: row.desk ? { desk: row.desk } : {},
    handoffs: (uri) =>
      [{ name: 'front-desk', description: 'Reception', default: true, method: 'invite', route: uri('desk') }].map(
        (handoff) => ({ ...handoff, ...row.handoff }),
      ),
  })
  await expectStory(played, {
    messages: {
      caller: [...callerAnswered, ...row.callerMessages(played.ports.desk)],
      agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', ...agentHears), ...isReleased],
      ...(row.desk && { desk: row.deskMessages(played.ports.caller) }),
    },
    call: { result: 'answered', reason: row.callReason ?? 'hangup', endedBy: row.endedBy },
    transfers: [
      {
        handoff: 'front-desk',
        ...{ result, reason },
        ...(code !== undefined && { sipStatus: code }),
        attempts: [
          {
            handoff: 'front-desk',
            method: 'invite',
            result,
            ...(code !== undefined && { code }),
            evidence: row.desk ? [/^baton: INVITE sip:desk@/, ...evidence] : evidence,
          },
        ],
      },
    ],
    ...(row.serverSays && { serverSays: row.serverSays }),
  })

  return played
}
