import type { Replaces } from '../../engine/index.ts'
import type { OtherCall } from '../transfer/attempt.ts'
import { TransferRefused } from '../transfer/transfer-refused.ts'
import type { Call } from './call.ts'
import type { PartyLeg } from '../legs/party-leg.ts'

/** A dialog that an agent's Replaces names, and the call that it belongs to. */
export interface NamedDialog {
  call: Call
  leg: PartyLeg
}

/**
 * The dialog that Replaces means (RFC 3891 3), among calls that are up. Agents write the tags from either side; Call-ID and
 * both tags must be right all the same.
 */
export function dialogNamed({ callId, toTag, fromTag }: Replaces, live: Iterable<Call>): NamedDialog | undefined {
  for (const call of live) {
    const leg = call.legs.find(({ dialog }) => {
      if (dialog?.callId !== callId || dialog.ended) return false
      const { localTag, remoteTag } = dialog

      return (localTag === toTag && remoteTag === fromTag) || (localTag === fromTag && remoteTag === toTag)
    })
    if (leg) return { call, leg }
  }

  return undefined
}

/**
 * Which call's caller is handed over, and whose far end it is joined with: the agent may send its REFER on either call.
 * @throws TransferRefused when the dialog is none of this agent's, or one of the calls is on its way elsewhere
 */
export function attendedPair(asked: Call, { call, leg }: NamedDialog): { call: Call; other: OtherCall } {
  const [mine, other] = asked.consultation ? [call, asked] : [asked, call]
  const isAgents = leg === (call.consultation ? call.caller : call.agent)
  const isSameAgent =
    asked.agentUri === call.agentUri && asked.project === call.project && asked.environment === call.environment
  if (!isAgents || !isSameAgent || call === asked || mine.consultation) throw TransferRefused.otherAgent()
  const { farEnd } = other
  if (!farEnd) throw TransferRefused.running('another destination')

  return { call: mine, other: farEnd }
}
