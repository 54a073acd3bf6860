/** Which handoff a transfer gets when it names none: the first rule whose conditions all hold. */
import type { CallFacts, TransferRequest } from '../plan/facts.ts'
import { normaliseNumber } from '../plan/e164.ts'
import type { PinnedTable } from './pinned.ts'
import { isOpen } from './schedule.ts'
import type { RuleRecord } from '../project/schema.ts'
import { placeOf } from './share.ts'
import { variableKey, type Lookup } from './template.ts'

/** The name that asks for the rules. */
export const ruled = 'auto'

interface Situation {
  pinned: PinnedTable
  facts: CallFacts
  lookup: Lookup
  /** Milliseconds since the epoch. */
  now: number
}

/** The first rule that matches, for a transfer that names no handoff or one that the rule diverts. */
export function matchingRule(request: TransferRequest, situation: Situation): RuleRecord | undefined {
  const asked = request.handoff ?? ''
  const open = asked === '' || asked === ruled

  return situation.pinned.table.rules.find(
    (rule) => (rule.asked ? rule.asked.includes(asked) : open) && holds(rule, situation),
  )
}

function holds({ name, when = {} }: RuleRecord, { pinned, facts, lookup, now }: Situation): boolean {
  const caller = facts.callerId === undefined ? '' : (normaliseNumber(facts.callerId) ?? facts.callerId)
  const schedule = when.schedule === undefined ? undefined : pinned.table.schedules.get(when.schedule)
  const has = ([variable, value]: [string, string]): boolean => lookup(variableKey(variable)) === value

  return (
    (when.called?.includes(facts.calledNumber ?? '') ?? true) &&
    (when.caller_prefix?.some((prefix) => caller.startsWith(prefix)) ?? true) &&
    Object.entries(when.headers ?? {}).every(([header, value]) => has([`header.${header}`, value])) &&
    Object.entries(when.variables ?? {}).every(has) &&
    (schedule === undefined || isOpen(schedule, now) === ((when.schedule_is ?? 'open') === 'open')) &&
    // A caller without a number has the call's own place.
    (when.share === undefined || placeOf(caller || facts.callId, name) < when.share)
  )
}
