import type { AccountState, AccountTrunk } from './account.ts'
import { priorityOf, releaseChanges, restoreChanges, unredirectChanges, type AccountChange } from './changes.ts'
import { isAtWebhook, trunkOf, type AccountConnection, type TrunkBefore } from './connection.ts'
import { fieldWords, restoredFields, wantedFields } from './trunk-settings.ts'

/**
 * The changes that take away what Baton has made, and restore what is still as Baton has set it: the numbers on its
 * trunk, and the settings of a trunk that was taken over.
 */
export function disconnectionPlan(state: AccountState, connection: AccountConnection): AccountChange[] {
  const { name, wanted, before, trunkBefore } = connection
  const trunk = trunkOf(state, connection)
  const credentials = state.credentialLists.filter((list) => list.name === name)
  const addresses = state.addressLists.filter((list) => list.name === name)
  const ours = state.numbers
    .filter(({ trunkSid }) => trunk && trunkSid === trunk.sid)
    .filter(({ sid }) => !trunkBefore || sid in before)

  return [
    ...(trunk ? ours.flatMap((number) => releaseChanges(state, trunk, number, before[number.sid])) : []),
    ...state.numbers
      .filter((one) => wanted.webhook?.numbers.includes(one.number) === true && isAtWebhook(one, wanted.webhook.url))
      .flatMap((number) => unredirectChanges(state, number, before[number.sid])),
    // A number that a former run has taken off the trunk, and not yet restored.
    ...state.numbers
      .filter(({ sid, trunkSid, voiceApplicationSid }) => sid in before && !trunkSid && !voiceApplicationSid)
      .filter(({ number }) => !wanted.webhook?.numbers.includes(number))
      .flatMap((number) => restoreChanges(state, number, before[number.sid])),
    ...(trunk && trunkBefore ? givenBack(trunk, connection, trunkBefore) : []),
    ...(trunk && !trunkBefore
      ? [{ words: `Delete the SIP trunk ${name}`, call: { kind: 'remove_trunk', trunk: trunk.sid } as const }]
      : []),
    ...credentials.flatMap(({ sid: list }): AccountChange[] => [
      ...(trunkBefore && trunk?.credentialListSids.includes(list)
        ? [unused(`the credential list ${name}`, { kind: 'unuse_credentials', trunk: trunk.sid, list })]
        : []),
      { words: `Delete the credential list ${name}`, call: { kind: 'remove_credentials', list } },
    ]),
    ...addresses.flatMap(({ sid: list }): AccountChange[] => [
      ...(trunkBefore && trunk?.addressListSids.includes(list)
        ? [unused(`the IP access control list ${name}`, { kind: 'unuse_addresses', trunk: trunk.sid, list })]
        : []),
      { words: `Delete the IP access control list ${name}`, call: { kind: 'remove_addresses', list } },
    ]),
  ]
}

function unused(list: string, call: AccountChange['call']): AccountChange {
  return { words: `Take ${list} off the trunk`, call }
}

/** Updates before removals. */
function byKind(a: AccountChange, b: AccountChange): number {
  return Number(a.call.kind === 'remove_origination') - Number(b.call.kind === 'remove_origination')
}

/** The trunk that was taken over: its settings and origination URLs as they were, where they are still as Baton has set them. */
function givenBack(trunk: AccountTrunk, { wanted }: AccountConnection, before: TrunkBefore): AccountChange[] {
  const fields = restoredFields(trunk, wantedFields(wanted), before.fields)
  const words = fieldWords(trunk, fields)
  const settings: AccountChange[] =
    words.length === 0
      ? []
      : [
          {
            words: `Of the SIP trunk ${trunk.name}: ${words.join(', ')} again`,
            call: { kind: 'update_trunk', trunk: trunk.sid, fields },
          },
        ]
  const originations = trunk.originations.flatMap(({ sid, uri, priority, enabled }): AccountChange[] => {
    const former = before.originations.find((one) => one.sid === sid)
    const isWanted = wanted.uris.includes(uri)
    if (!former) {
      const call = { kind: 'remove_origination', trunk: trunk.sid, sid } as const

      return isWanted ? [{ words: `Send no more calls of the trunk to ${uri}`, call }] : []
    }
    const isAsSet = isWanted ? enabled && priority === priorityOf(wanted.uris, uri) : !enabled
    if (!isAsSet || (former.enabled === enabled && former.priority === priority)) return []
    const as = former.enabled ? `switched on, priority ${former.priority}` : 'switched off'
    const call = { kind: 'update_origination', trunk: trunk.sid, sid } as const

    return [
      {
        words: `Of the trunk's calls to ${uri}: ${as} again`,
        call: { ...call, priority: former.priority, enabled: former.enabled },
      },
    ]
  })

  // The former URLs come first, so that the trunk is never without one.
  return [...settings, ...originations.sort(byKind)]
}
