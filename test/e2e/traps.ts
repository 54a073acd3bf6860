/** What the tables of traps have in common: a row is one thing that a peer does, and what is then told of it. */
import assert from 'node:assert/strict'
import type { AttemptView, TransferView } from '../../server/legs/views.ts'
import type { Baton } from '../harness/baton.ts'
import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import type { Part } from '../harness/sipp.ts'
import type { Stack } from '../harness/stacks.ts'
import { play, type Played } from '../harness/story.ts'
import { asking, calleeAnswered, callerAnswered, isNotified, isReleased } from './parts.ts'

/** A caller that is asked by REFER to go to the front desk, and what is told of that. */
export interface ReferRow {
  /** What the caller's side does; the test's name goes on with what is reported. */
  what: string
  caller: Part
  /** The caller's messages, from the REFER on. */
  messages: ExpectedMessage[]
  /** Why it is not played with a drachtio server between. */
  between?: string
  /** Why it is not played on the original drachtio-server. */
  original?: string
  /** They cross on the way: any order will do. */
  cross?: boolean
  handoff?: object
  result: NonNullable<TransferView['result']>
  reason: string
  code?: number
  /** Statuses of the NOTIFYs that the agent hears; 100 comes first by itself. */
  agentHears: string[]
  /** What follows `baton: REFER to <…>`. */
  evidence: (string | RegExp)[]
  /** What comes before `baton: REFER to <…>`. */
  before?: string[]
  /** The attempt's own result, when the caller has left meanwhile. */
  attempt?: { result: NonNullable<AttemptView['result']>; code?: number }
  /** How the call ends. */
  ends: 'transferred' | 'hangup'
}

export const frontDesk = {
  name: 'front-desk',
  description: 'Reception, day and night',
  default: true,
  route: 'sip:front-desk@127.0.0.1:5092',
  notify_timeout: 1,
}

/** Why that row is not played on this stack. */
export function obstacle(
  { tellsAll, isOriginal }: Stack,
  { between, original }: Pick<ReferRow, 'between' | 'original'>,
): string | undefined {
  return (isOriginal ? original : undefined) ?? (tellsAll ? undefined : between)
}

/** Plays a row and asserts all of it: messages, outcome, reason, evidence, events and metrics. */
export async function expectRefer(baton: Baton, row: ReferRow): Promise<Played> {
  const { caller, messages, result, reason, code, evidence, ends, agentHears } = row
  const attempted = row.attempt ?? { result, ...(code !== undefined && { code }) }
  const handoff = { ...frontDesk, ...row.handoff }
  const played = await play(baton, { caller, agents: { agent: asking() }, handoffs: () => [handoff] })
  if (row.cross) assert.deepEqual(played.traces.caller?.lines.sort(), [...callerAnswered, ...messages].sort())
  const attempt: Partial<AttemptView> = { handoff: 'front-desk', method: 'refer', ...attempted }
  await expectStory(played, {
    messages: {
      ...(!row.cross && { caller: [...callerAnswered, ...messages] }),
      agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', ...agentHears), ...isReleased],
    },
    call: { result: 'answered', reason: ends },
    transfers: [
      {
        handoff: 'front-desk',
        ...{ result, reason },
        ...(code !== undefined && { sipStatus: code }),
        attempts: [{ ...attempt, evidence: [...(row.before ?? []), /^baton: REFER to </, ...evidence] }],
      },
    ],
  })

  return played
}
