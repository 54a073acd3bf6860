import type { AttemptView, CallView, TransferView } from '../legs/views.ts'
import type { Milestone } from './party.ts'

/** What a rehearsal has observed. */
export interface RehearsalObservations {
  handoff: string
  /** Undefined when no INVITE came to Baton. */
  call: CallView | undefined
  /** The final response to the caller's INVITE, unless it was a 2xx. */
  callerRefused?: { status: number; reason: string } | undefined
  /** Baton's response to the agent's REFER, unless it was a 2xx. */
  agentRefused?: { status: number; reason: string } | undefined
  /** The headers that reached the destination; undefined when it was a real one, or was never called. */
  received: Readonly<Record<string, string>> | undefined
  timings: Partial<Record<Milestone, number>>
  /** Set when the rehearsal was broken off: after so many seconds. */
  brokenOffAfter?: number | undefined
}

export interface RehearsalJudgement {
  verdict: 'passed' | 'failed'
  /** Why, in one sentence. */
  cause: string
}

/** Passed: the caller reached the handoff that the agent asked for, and its destination got every header. */
export function judge(seen: RehearsalObservations): RehearsalJudgement {
  const failed = (cause: string): RehearsalJudgement => ({ verdict: 'failed', cause })
  const { handoff, call, callerRefused, agentRefused, brokenOffAfter } = seen
  const transfer = call?.transfers.at(-1)
  if (call && call.answeredAt === undefined) return failed(`Baton did not take the call: ${refusalOf(call)}.`)
  if (!call && callerRefused) return failed(`The call did not reach Baton: ${statusLine(callerRefused)}.`)
  if (agentRefused) return failed(`Baton did not take the agent's REFER: ${statusLine(agentRefused)}.`)
  if (brokenOffAfter !== undefined) return failed(`Not over after ${brokenOffAfter} s: ${whereItStood(transfer)}.`)
  if (!transfer) return failed('The call ended before the agent could ask for the handoff.')
  if (transfer.result !== 'succeeded') return failed(`${handoff} was not reached: ${attemptsText(transfer)}.`)

  const last = transfer.attempts.at(-1)
  if (last?.handoff !== handoff) {
    return failed(
      `${handoff} was not reached, and ${last?.handoff ?? 'no handoff'} took the call: ${attemptsText(transfer)}.`,
    )
  }
  const lost = lostHeaders(last, seen.received)
  if (lost.length > 0) return failed(`The destination answered, but ${lost.join(' and ')}.`)

  return { verdict: 'passed', cause: success(seen, transfer, last) }
}

function statusLine({ status, reason }: { status: number; reason: string }): string {
  return `${status} ${reason}`
}

function refusalOf({ sipStatus, reason }: CallView): string {
  return `${sipStatus ?? 'no answer'} (${words(reason ?? 'not ended')})`
}

function whereItStood(transfer: TransferView | undefined): string {
  if (!transfer) return 'the handoff had not been asked for'
  if (transfer.state === 'ended') return 'the transfer had ended, but not the call'
  const last = transfer.attempts.at(-1)

  return `the last thing heard was ${last?.evidence.at(-1)?.what ?? 'nothing'}`
}

/** Every attempt in order, with its outcome. */
function attemptsText(transfer: TransferView): string {
  const { attempts } = transfer
  if (attempts.length === 0) return words(transfer.reason ?? 'nothing was tried')

  return attempts
    .map(({ handoff, method, reason, code }) => {
      const status = code === undefined ? '' : ` (${code})`

      return `${handoff} by ${method.toUpperCase()}: ${words(reason ?? 'still running')}${status}`
    })
    .join('; ')
}

function lostHeaders({ headers }: AttemptView, received: Readonly<Record<string, string>> | undefined): string[] {
  if (!received) return []
  const got = new Map(Object.entries(received).map(([name, value]) => [name.toLowerCase(), value]))

  return Object.entries(headers)
    .filter(([name]) => /^(?:x-|user-to-user$)/i.test(name))
    .flatMap(([name, sent]) => {
      const value = got.get(name.toLowerCase())
      if (value === sent) return []

      return [value === undefined ? `${name} did not reach it` : `${name} reached it as "${value}", not "${sent}"`]
    })
}

function success(
  { received, timings, handoff }: RehearsalObservations,
  transfer: TransferView,
  last: AttemptView,
): string {
  const { handoffAsked, transferEnded } = timings
  const took =
    handoffAsked === undefined || transferEnded === undefined
      ? ''
      : ` in ${(transferEnded - handoffAsked).toFixed(2)} s`
  const bridged = last.method === 'invite' && transfer.attempts.some(({ method }) => method === 'refer')
  const count = received ? Object.keys(received).length : 0
  const counted = count === 1 ? 'header' : `${count} headers`
  const headers = count === 0 ? '' : `, and its ${counted} with it`
  const method = bridged ? 'a bridged INVITE, after REFER was refused' : last.method.toUpperCase()

  return last.method === 'bye'
    ? `The caller was given back for ${handoff} by BYE${took}${headers}.`
    : `The caller reached ${handoff} by ${method}${took}${headers}.`
}

function words(slug: string): string {
  return slug.replaceAll('_', ' ')
}
