import type { AccountNumber, AccountState, AccountTrunk, AddressList, CredentialList } from './account.ts'
import {
  isAtWebhook,
  isVoicePath,
  trunkOf,
  useOf,
  usesTrunk,
  type AccountConnection,
  type DesiredConnection,
} from './connection.ts'
import {
  madeAddresses,
  madeCredentials,
  madeTrunk,
  priorityOf,
  releaseChanges,
  unredirectChanges,
  type AccountChange,
} from './changes.ts'
import { changedFields, fieldWords, wantedFields } from './trunk-settings.ts'

/**
 * The changes that bring an account to what is wanted, in their order; none when it is so already. Whatever has the
 * connection's name was made by Baton. Beside that, a plan changes which trunk the chosen numbers belong to, and the
 * trunk that is taken over, which must be there.
 */
export function connectionPlan(state: AccountState, connection: AccountConnection): AccountChange[] {
  const { name, wanted } = connection
  const trunk = trunkOf(state, connection)
  if (!trunk && !usesTrunk(wanted)) return webhookChanges(state, connection)

  return [
    ...trunkChanges(trunk, name, wanted),
    ...originationChanges(trunk, connection),
    ...credentialChanges(state, trunk, name, wanted),
    ...addressChanges(state, trunk, name, wanted),
    ...numberChanges(state, trunk, connection),
    ...webhookChanges(state, connection),
  ]
}

function trunkChanges(trunk: AccountTrunk | undefined, name: string, wanted: DesiredConnection): AccountChange[] {
  const fields = wantedFields(wanted)
  const { secure, disasterUrl, domain } = fields
  if (!trunk) {
    const words = [
      `Create the SIP trunk ${name}: call transfer to SIP and telephone numbers, with the caller's number`,
      secure ? 'secure trunking (TLS and SRTP)' : 'no secure trunking',
      ...(disasterUrl ? [`${disasterUrl} for callers while Baton does not answer`] : []),
      ...(domain === undefined ? [] : [`calls from Baton at ${domain}`]),
    ]

    return [{ words: words.join(', '), call: { kind: 'create_trunk', name, fields } }]
  }
  const changed = changedFields(trunk, fields)
  const words = fieldWords(trunk, changed)

  return words.length === 0
    ? []
    : [
        {
          words: `Of the SIP trunk ${trunk.name}: ${words.join(', ')}`,
          call: { kind: 'update_trunk', trunk: trunk.sid, fields: changed },
        },
      ]
}

function originationChanges(trunk: AccountTrunk | undefined, connection: AccountConnection): AccountChange[] {
  const { uris } = connection.wanted
  const sid = trunk?.sid ?? madeTrunk
  const present = trunk?.originations ?? []
  const added = uris.flatMap((uri): AccountChange[] => {
    const priority = priorityOf(uris, uri)
    const one = present.find((origination) => origination.uri === uri)
    if (!one) {
      const words = `Send calls of the trunk to ${uri} (priority ${priority})`

      return [{ words, call: { kind: 'add_origination', trunk: sid, uri, priority } }]
    }
    if (one.priority === priority && one.enabled) return []
    const changes = [
      ...(one.enabled ? [] : ['switched on']),
      ...(one.priority === priority ? [] : [`priority from ${one.priority} to ${priority}`]),
    ]
    const words = `Send calls of the trunk to ${uri}: ${changes.join(', ')}`

    return [{ words, call: { kind: 'update_origination', trunk: sid, sid: one.sid, priority, enabled: true } }]
  })
  // The origination URIs of a trunk that is taken over are switched off and stay.
  const kept = connection.trunkBefore?.originations ?? []
  const removed = present
    .filter(({ uri }) => !uris.includes(uri))
    .flatMap(({ uri, sid: origination, enabled, priority }): AccountChange[] => {
      if (!kept.some((one) => one.sid === origination)) {
        const call = { kind: 'remove_origination', trunk: sid, sid: origination } as const

        return [{ words: `Send no more calls of the trunk to ${uri}`, call }]
      }
      if (!enabled) return []
      const call = { kind: 'update_origination', trunk: sid, sid: origination, priority, enabled: false } as const

      return [{ words: `Send no more calls of the trunk to ${uri}: switched off, and kept`, call }]
    })

  return [...added, ...removed]
}

function credentialChanges(
  { credentialLists }: AccountState,
  trunk: AccountTrunk | undefined,
  name: string,
  { termination }: DesiredConnection,
): AccountChange[] {
  const username = termination?.username
  if (username === undefined) return []
  const list: CredentialList | undefined = credentialLists.find((one) => one.name === name)
  const sid = list?.sid ?? madeCredentials
  const changes: AccountChange[] = []
  if (!list) {
    changes.push({ words: `Create the credential list ${name}`, call: { kind: 'create_credentials', name } })
  }
  if (!list?.users.includes(username)) {
    const words = `Let Baton call through the trunk as the user ${username}`
    changes.push({ words, call: { kind: 'add_user', list: sid, username } })
  }
  if (!trunk?.credentialListSids.includes(sid)) {
    const call = { kind: 'use_credentials', trunk: trunk?.sid ?? madeTrunk, list: sid } as const
    changes.push({ words: `Have the trunk ask for the credentials of ${name}`, call })
  }

  return changes
}

function addressChanges(
  { addressLists }: AccountState,
  trunk: AccountTrunk | undefined,
  name: string,
  { termination }: DesiredConnection,
): AccountChange[] {
  const addresses = termination?.addresses ?? []
  if (addresses.length === 0) return []
  const list: AddressList | undefined = addressLists.find((one) => one.name === name)
  const sid = list?.sid ?? madeAddresses
  const changes: AccountChange[] = []
  if (!list) {
    changes.push({ words: `Create the IP access control list ${name}`, call: { kind: 'create_addresses', name } })
  }
  const more = trunk?.addressListSids.length ? ', too' : ' only'
  for (const address of addresses.filter((one) => !list?.addresses.includes(one))) {
    const call = { kind: 'add_address', list: sid, address } as const
    changes.push({ words: `Let ${address} call through the trunk`, call })
  }
  if (!trunk?.addressListSids.includes(sid)) {
    const call = { kind: 'use_addresses', trunk: trunk?.sid ?? madeTrunk, list: sid } as const
    changes.push({ words: `Have the trunk take calls of the addresses of ${name}${more}`, call })
  }

  return changes
}

function numberChanges(
  state: AccountState,
  trunk: AccountTrunk | undefined,
  { wanted: { numbers, trunkSid }, before }: AccountConnection,
): AccountChange[] {
  const added = state.numbers
    .filter(({ number }) => numbers.includes(number))
    .filter((one) => !trunk || one.trunkSid !== trunk.sid)
    .map((number): AccountChange => ({
      words: `Send calls to ${number.number} to the trunk${insteadOf(state, number)}`,
      call: { kind: 'use_number', trunk: trunk?.sid ?? madeTrunk, sid: number.sid },
    }))
  const removed = trunk
    ? state.numbers
        .filter((one) => one.trunkSid === trunk.sid && !numbers.includes(one.number))
        // The numbers that a trunk had before it was taken over stay on it.
        .filter(({ sid }) => trunkSid === undefined || sid in before)
        .flatMap((number) => releaseChanges(state, trunk, number, before[number.sid]))
    : []

  return [...added, ...removed]
}

function webhookChanges(state: AccountState, { wanted: { webhook }, before }: AccountConnection): AccountChange[] {
  const url = webhook?.url
  const wanted = webhook?.numbers ?? []
  const added = state.numbers
    .filter((one) => url !== undefined && wanted.includes(one.number) && !isAtWebhook(one, url))
    .map((number): AccountChange => ({
      words: `Send calls to ${number.number} to Baton's voice webhook ${url ?? ''}${insteadOf(state, number)}`,
      call: { kind: 'use_webhook', sid: number.sid, url: url ?? '' },
    }))
  const removed = state.numbers
    .filter((one) => one.sid in before && !wanted.includes(one.number) && isVoicePath(one.voiceUrl))
    .filter(({ trunkSid, voiceApplicationSid }) => trunkSid === undefined && voiceApplicationSid === undefined)
    .flatMap((number) => unredirectChanges(state, number, before[number.sid]))

  return [...added, ...removed]
}

function insteadOf(state: AccountState, number: AccountNumber): string {
  const use = useOf(state, number)

  return use === undefined ? '' : `, instead of to ${use}`
}
