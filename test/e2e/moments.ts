import assert from 'node:assert/strict'

import type { Baton } from '../harness/baton.ts'
import { until } from '../harness/until.ts'
import type { LadderView } from '../../server/legs/views.ts'

type Message = LadderView['messages'][number]
interface Call {
  id: string
  baton: Baton
}

/** The agent has heard of that status, and has answered. */
export const agentHeard =
  (status: RegExp) =>
  (call: Call): Promise<void> =>
    until(`the agent is told ${String(status)}`, async () => {
      const messages = await messagesOf(call)
      const notify = messages.find(
        ({ direction, text }) => direction === 'out' && text.startsWith('NOTIFY ') && status.test(bodyOf(text)),
      )
      assert.ok(notify, `no NOTIFY of ${String(status)}`)
      const isAnswered = messages.some(({ direction, text }) => direction === 'in' && isAnswer(text, notify.text))
      assert.ok(isAnswered, `the NOTIFY of ${String(status)} has no answer`)
    })

/** The agent has got, and answered, the NOTIFY with the outcome. */
export const agentTold = agentHeard(/^SIP\/2\.0 [2-6]/)

/** The agent's REFER has been refused. */
export const agentRefused = (call: Call): Promise<void> =>
  until('a REFER is refused', async () => {
    const isRefusal = ({ text }: Message) => /^SIP\/2\.0 [3-6]/.test(text) && /^CSeq: \d+ REFER\r$/m.test(text)
    assert.ok((await messagesOf(call)).some(isRefusal), 'no REFER has been refused')
  })

/** The desk has had as many ACKs: whatever it was offered meanwhile is settled. */
export const deskSettled =
  (times: number) =>
  (call: Call): Promise<void> =>
    until(`the desk is acknowledged ${times} times`, async () => {
      const isAck = ({ text }: Message) => text.startsWith('ACK ') && /^To: .*<sip:desk@/m.test(text)
      assert.equal((await messagesOf(call)).filter(isAck).length, times)
    })

/** The caller of a failed transfer stays until an operator ends the call, once the agent has been told. */
export async function hangUpAfterwards(call: Call): Promise<void> {
  await agentTold(call)
  await call.baton.api('POST', `/v1/calls/${call.id}/hangup`)
}

/** Of that call, and of those that its agents made. */
async function messagesOf({ id, baton }: Call): Promise<Message[]> {
  const project = baton.events.seen.find(({ callId }) => callId === id)?.project
  const ids = baton.events.seen.filter((event) => event.type === 'call.started' && event.project === project)
  const ladders = await Promise.all(ids.map(({ callId = '' }) => baton.ladder(callId)))

  return ladders.flatMap(({ messages }) => messages)
}

const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)
const lineOf = (name: string, text: string): string | undefined => new RegExp(`^${name}: .*$`, 'm').exec(text)?.[0]
const isAnswer = (text: string, request: string): boolean =>
  text.startsWith('SIP/2.0 ') && ['Call-ID', 'CSeq'].every((name) => lineOf(name, text) === lineOf(name, request))

/** Resolves with the first message on a call's ladder that matches. */
export async function onLadder(baton: Baton, id: string, matches: (message: Message) => boolean): Promise<Message> {
  return until('the message is on the ladder', async () => (await baton.ladder(id)).messages.find(matches) ?? false)
}
