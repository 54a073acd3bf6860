import type { AttemptView, TransferMethod, TransferView } from '../legs/views.ts'
import type { TransferReason } from './outcome.ts'

/** What one outcome of an attempt means. The first row that fits counts; a row without a method or codes fits any. */
export interface DiagnosisFinding {
  method?: TransferMethod
  reason: TransferReason
  codes?: readonly number[]
  /** Matches the attempt's `detail`. */
  detail?: RegExp
  /** The status is Baton's own. */
  local?: true
  /** The destination had said that it rings. */
  rang?: true
  /** A clause: what happened, and which side caused it. `{code}`, `{target}` and `{detail}` are filled in. */
  says: string
  /** A sentence: what to change so that the next transfer goes better. */
  change?: string
}

const switchOn =
  'Switch call transfer on at the trunk, or set its `refer` to false so that callers are bridged at once.'
const noReport =
  'If this trunk always does so, set its `bye_after_refer` to success, or its `refer` to false to bridge callers and know.'

export const findings: readonly DiagnosisFinding[] = [
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [403],
    says: '{code} on REFER: call transfer is switched off on the caller’s trunk',
    change: switchOn,
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [405, 501],
    says: '{code} on REFER: call transfer is switched off on the caller’s trunk, or it has none',
    change: switchOn,
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [401, 407],
    says: '{code} on REFER: the caller’s trunk wants credentials that it was not given, or that it did not take',
    change: 'Put user name and password into the trunk’s `credentials`.',
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [404, 410, 416, 484, 485, 604],
    says: '{code} on REFER: the caller’s trunk cannot do anything with {target}',
    change: 'Correct the handoff’s route, or the trunk’s `number_format` or `refer_to`.',
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    local: true,
    codes: [503],
    says: 'Baton had no way to send the REFER to the caller’s trunk ({code}, made by Baton)',
    change: 'See that Baton’s network leads there, and that the trunk’s connection stands.',
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [408],
    says: 'the caller’s trunk did not answer the REFER at all',
    change: 'Look in the ladder whether REFER reaches it; otherwise set the trunk’s `refer` to false.',
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [420, 481, 488, 489],
    says: '{code} on REFER: the caller’s trunk does not know transfers by REFER',
    change: switchOn,
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [491],
    says: '491 on REFER: the caller’s side was busy changing the session, each time it was asked',
  },
  {
    method: 'refer',
    reason: 'refer_refused',
    codes: [500, 503],
    says: '{code} on REFER: the caller’s trunk was not able to, this time',
    change: 'Ask its operator if this goes on.',
  },
  { method: 'refer', reason: 'refer_refused', says: '{code} on REFER: the caller’s trunk refused it' },
  {
    reason: 'refer_not_supported',
    says: 'the trunk’s settings say that it cannot REFER, and the handoff forbids to bridge instead',
    change: 'Set the handoff’s `fallback` to invite.',
  },
  {
    method: 'refer',
    reason: 'no_notify',
    says: 'the caller’s trunk accepted the REFER with 202 and never reported what became of the caller',
    change: noReport,
  },
  {
    method: 'refer',
    reason: 'no_subscription',
    says: 'the caller’s trunk accepted the REFER and said that it would not report (Refer-Sub: false)',
    change: noReport,
  },
  {
    method: 'refer',
    reason: 'bye_after_refer',
    says: 'the caller’s side accepted the REFER and then said BYE without a report, which this trunk’s setting reads as it is shown here',
    change: 'The trunk’s `bye_after_refer` decides what this means.',
  },
  { method: 'refer', reason: 'answered', says: 'the caller’s trunk reported that {target} answered' },
  { method: 'invite', reason: 'answered', says: '{target} answered, and the caller’s media was moved there' },
  { reason: 'answered', says: '{target} answered' },
  { reason: 'joined', says: 'the agent had {target} on another call already, and the caller was joined with it' },
  {
    reason: 'no_such_dialog',
    says: 'the agent asked to be replaced in a call of its own that Baton does not have, or no longer has (481)',
    change:
      'Have the agent call the handoff through Baton, and name that call by its Call-ID and both tags in Replaces, before it hangs up.',
  },
  {
    reason: 'returned',
    codes: [481],
    says: 'the PBX answered the BYE that gave the call back with 481: it had ended the call already',
    change: 'Ask its operator what it does with a call that Baton gives back.',
  },
  {
    reason: 'returned',
    says: 'the PBX answered the BYE that gave the call back ({code}), and what it does with the caller from there is its own',
  },
  {
    reason: 'target_down',
    says: '{target} was not called: it is known to be down, or an operator has taken it out',
    change: 'See `npx baton targets`; name another handoff under `on_failure`.',
  },
  { reason: 'busy', says: '{target} was busy ({code})', change: 'Name another handoff under `on_failure`.' },
  {
    reason: 'declined',
    says: '{target} declined the call ({code})',
    change: 'Name another handoff under `on_failure`.',
  },
  {
    reason: 'declined_by_person',
    says: 'the person who answered at {target} declined the caller',
    change: 'Name another handoff under `on_failure`.',
  },
  {
    reason: 'no_accept',
    says: '{target} answered, and no person there accepted the caller by a digit: it may be a voicemail',
    change: 'Name another handoff under `on_failure`, or give `accept` a longer `timeout`.',
  },
  {
    reason: 'overflow',
    says: '{target} could be sent no more calls: {detail}',
    change: 'Raise that limit, give it a `queue`, or name another handoff under `on_failure`.',
  },
  {
    reason: 'no_response',
    says: '{target} sent no response at all, not even 100',
    change: 'See that it runs and that Baton’s network leads there; `baton doctor` helps.',
  },
  {
    reason: 'no_answer',
    rang: true,
    says: '{target} rang and was not answered ({code})',
    change: 'Name another handoff under `on_failure`, or give it a longer `ring_timeout`.',
  },
  {
    reason: 'no_answer',
    says: '{target} did not answer ({code})',
    change: 'Name another handoff under `on_failure`, or give it a longer `ring_timeout`.',
  },
  {
    reason: 'not_found',
    says: 'there is no {target} where it was sought ({code})',
    change: 'Correct the handoff’s route, or the trunk’s `number_format`.',
  },
  {
    reason: 'unreachable',
    detail: /^No (?:TLS|WSS) Connection/,
    says: '{target} could not be reached over TLS: {detail}',
    change:
      'See that it shows a certificate for the name or address in its URI, from an authority of SIP_TLS_AUTHORITIES, that has not expired.',
  },
  {
    method: 'invite',
    reason: 'unreachable',
    local: true,
    says: 'Baton had no way to {target}: no connection could be made ({code}, made by Baton)',
    change: 'See that it runs and that Baton’s network leads there; `baton doctor` helps.',
  },
  {
    method: 'invite',
    reason: 'unreachable',
    codes: [503],
    says: '{target} answered 503: it was not able to take the call, this time',
    change: 'Ask its operator if this goes on, or name another handoff under `on_failure`.',
  },
  {
    reason: 'unreachable',
    says: '{target} could not be reached ({code})',
    change: 'See that it runs and that Baton’s network leads there; `baton doctor` helps.',
  },
  {
    reason: 'redirected',
    says: '{target} pointed elsewhere ({code}), where Baton may not or could not follow',
    change:
      'Give the handoff the new address as its route, or allow it: `redirects` of the handoff and the trunk, `adhoc` of the project for other hosts.',
  },
  {
    reason: 'media_refused',
    codes: [488, 606, 415],
    says: 'caller and destination have no media session in common ({code})',
    change: 'Compare codecs and encryption of both in the ladder’s session descriptions.',
  },
  { reason: 'media_refused', says: 'the session could not be moved to the destination ({code})' },
  {
    reason: 'media_unavailable',
    says: 'the destination needs an rtpengine (SRTP, transcoding, or what the handoff plays or records), and none answered',
    change:
      'See that the servers of RTPENGINE run: `baton doctor` asks each. MEDIA_FALLBACK=direct lets calls go on without, where they can.',
  },
  {
    reason: 'not_encrypted',
    says: 'the handoff requires SRTP, and one of caller and destination has it not',
    change: 'Set the handoff’s `encryption` to preferred, or have both sides speak SRTP.',
  },
  {
    reason: 'not_secure',
    says: 'the caller’s call is sips, and {target} is reached without TLS',
    change:
      'Give the handoff, or the trunk’s gateways, a sips URI or `transport=tls`; SIP_SIPS=any calls them all the same.',
  },
  { reason: 'destination_hung_up', says: '{target} answered and hung up before the caller was put through' },
  {
    reason: 'no_gateway',
    says: 'the route is a number and the trunk has no gateway to send it to',
    change: 'Give the trunk `gateways`, or the handoff a SIP URI.',
  },
  {
    reason: 'premium_denied',
    says: 'the route is a premium-rate number, which the trunk may not be sent',
    change: 'Add the beginning of the number to the trunk’s `allow_premium`, if the cost is meant.',
  },
  {
    reason: 'number_format',
    says: 'the route is a number that the trunk’s number_format has no way to write',
    change: 'Give the handoff a `number_format` of its own, such as e164, or a `trunk` that takes the number.',
  },
  {
    reason: 'loop',
    says: 'the route is Baton itself, so that the caller would have come back in a circle',
    change: 'Give the handoff the address of the destination.',
  },
  {
    reason: 'refused',
    codes: [401, 407],
    says: '{target} wanted credentials ({code})',
    change: 'Put them into the trunk’s `credentials`, and name the trunk in the handoff.',
  },
  {
    reason: 'refused',
    codes: [422],
    says: '{target} wanted a longer session timer than it was offered (422)',
  },
  {
    reason: 'refused',
    codes: [415, 488, 606],
    says: '{target} takes no session such as the caller’s ({code})',
    change: 'Compare codecs and encryption in the ladder’s session descriptions.',
  },
  { reason: 'refused', says: '{target} refused the call ({code})' },
  {
    reason: 'closed_by_switch',
    says: '{target} was passed over: {detail}',
    change: 'Remove the switch once it is not needed any more.',
  },
  {
    reason: 'route_incomplete',
    says: '{target} was passed over: {detail}',
    change: 'Have the agent give the variable with the transfer, or give it a default in the handoff’s route.',
  },
  {
    reason: 'route_denied',
    says: '{target} was passed over: {detail}',
    change: 'Have the agent give another value, or allow the number in the project: adhoc_allow, adhoc_deny.',
  },
  {
    reason: 'pool_exhausted',
    says: '{target} was passed over: {detail}',
    change: 'Give the pool more numbers, or a shorter `hold`.',
  },
  {
    reason: 'deadline',
    says: 'it was not over when the handoff’s deadline came',
    change: 'Raise `deadline`, or lower `ring_timeout` and `notify_timeout` so that each destination gets its turn.',
  },
  { reason: 'cancelled', says: 'it was called off by the side that had asked for it' },
  { reason: 'hung_up_by_api', says: 'the call was ended by the API meanwhile' },
  { reason: 'max_duration', says: 'the call had lasted as long as MAX_CALL_DURATION allows' },
  { reason: 'shutdown', says: 'Baton was stopped meanwhile', change: 'A longer DRAIN_DEADLINE lets transfers finish.' },
  { reason: 'connection_lost', says: 'Baton lost the connection to its SIP server' },
  { reason: 'lost_in_restart', says: 'a party had left when Baton was back after a restart' },
  { reason: 'restarted', says: 'Baton was restarted meanwhile', change: 'Ask for the transfer again.' },
  { reason: 'caller_hung_up', says: 'the caller hung up first' },
  { reason: 'bye_unanswered', says: 'the PBX never answered the BYE that gave the call back' },
  {
    reason: 'bye_refused',
    says: 'the PBX refused the BYE that gave the call back ({code})',
    change: 'See what it wants of the BYE’s headers, or give its `credentials`.',
  },
  { reason: 'internal_error', says: 'Baton failed, which is a defect', change: 'Report it with the log of this call.' },
]

/** The fields of an attempt that a diagnosis reads. */
interface DiagnosedAttempt extends Partial<
  Pick<AttemptView, 'target' | 'detail' | 'local' | 'rang' | 'remembered' | 'tried'>
> {
  method: TransferMethod
  reason?: string | undefined
  code?: number | undefined
}

const endings: Readonly<Record<NonNullable<TransferView['result']>, string>> = {
  succeeded: 'The caller was handed over.',
  failed: 'The caller was not handed over.',
  abandoned: 'No side is to blame.',
  unknown: 'Where the caller is now is not known.',
}

/** The row for an attempt's outcome; undefined when there is none. */
export function findingOf(attempt: DiagnosedAttempt): DiagnosisFinding | undefined {
  return findings.find(
    ({ method, reason, codes, detail, local, rang }) =>
      reason === attempt.reason &&
      (method === undefined || method === attempt.method) &&
      (codes === undefined || codes.includes(attempt.code ?? 0)) &&
      (local === undefined || local === attempt.local) &&
      (rang === undefined || rang === attempt.rang) &&
      (detail === undefined || detail.test(attempt.detail ?? '')),
  )
}

/** One paragraph about a transfer that has ended: what happened, which side caused it, and what to change. */
export function diagnose({ result, reason, attempts }: Pick<TransferView, 'result' | 'reason' | 'attempts'>): string {
  const told = attempts.flatMap((attempt, at) => {
    const what = `${clause(attempt)}${continuation(attempt, attempts[at + 1])}.`

    return [...before(attempt), what]
  })
  const last = attempts.at(-1)
  // A transfer may end for another reason than its last attempt: a deadline between two, or a caller who hung up.
  if (reason !== undefined && reason !== last?.reason) told.push(`${clause({ method: 'refer', reason, target: '' })}.`)
  const met = attempts.flatMap(({ method, tried = [], ...attempt }) => [
    ...tried.map((each) => ({ method, ...each })),
    { method, ...attempt },
  ])
  const advice = [...new Set(met.map((each) => findingOf(each)?.change))]

  return [...told, endings[result ?? 'failed'], ...advice]
    .filter((sentence) => sentence !== undefined)
    .map(capitalised)
    .join(' ')
}

function continuation({ handoff }: AttemptView, next: AttemptView | undefined): string {
  if (!next) return ''

  return next.handoff === handoff && next.method === 'invite'
    ? '; Baton bridged instead'
    : `; ${next.handoff} was tried next`
}

/** Why an attempt was an INVITE at once, and the targets before its last one. */
function before({ method, remembered, tried = [] }: DiagnosedAttempt): string[] {
  return [
    ...(remembered ? [`The caller’s trunk had lately refused REFER (${remembered.what}): bridged at once.`] : []),
    ...tried.map(({ target, reason, code }) => `${clause({ method, target, reason, code })}; the next one was called.`),
  ]
}

function clause(attempt: DiagnosedAttempt): string {
  const { target = '' } = attempt
  const says = findingOf(attempt)?.says ?? `it ended as ${attempt.reason ?? 'it did'}`

  return says
    .replace('{target}', () => (target === '' ? 'the destination' : target))
    .replace('{detail}', () => attempt.detail ?? '')
    .replace(' ({code})', attempt.code === undefined ? '' : ` (${attempt.code})`)
    .replace('{code}', String(attempt.code ?? 'no answer'))
}

function capitalised(sentence: string): string {
  return /^(?:sips?|tel):/i.test(sentence) ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
