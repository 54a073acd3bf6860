import { defined } from '../../base/defined.ts'
import type {
  AccountCall,
  AccountNumber,
  AccountState,
  AccountTrunk,
  AddressList,
  CredentialList,
  TrunkFields,
} from './account.ts'

/** The connection that an admin wants. */
export interface DesiredConnection {
  /** E.164; calls to them go to Baton. */
  numbers: string[]
  /** SIP URIs of Baton, the preferred one first. */
  uris: string[]
  /** Whether signalling goes by TLS, and media by SRTP. */
  secure: boolean
  /** The TwiML for callers while no Baton answers. */
  disasterUrl?: string
  /** Calls from Baton to Twilio. */
  termination?: { domain: string; username?: string; addresses: string[] }
}

/** A number's use before the connection, which Disconnect restores. */
export type NumberBefore = Pick<AccountNumber, 'trunkSid' | 'voiceApplicationSid'>

/** One change of the account: the words that are shown beforehand, and its call. */
export interface Change {
  readonly words: string
  readonly call: AccountCall
}

/** Stands for the SID that an earlier change of the same plan gives. */
export const madeTrunk = 'made-trunk'
export const madeCredentials = 'made-credentials'
export const madeAddresses = 'made-addresses'

/** The numbers that are wanted and that the account does not have. */
export function unknownNumbers({ numbers }: AccountState, wanted: DesiredConnection): string[] {
  return wanted.numbers.filter((wantedNumber) => !numbers.some(({ number }) => number === wantedNumber))
}

/** Where Twilio sends calls to a number, in words; undefined when nowhere. */
export function useOf(
  state: Pick<AccountState, 'trunks'>,
  { trunkSid, voiceApplicationSid, voiceUrl }: AccountNumber,
): string | undefined {
  if (trunkSid !== undefined) return `the trunk ${trunkName(state, trunkSid)}`
  if (voiceApplicationSid !== undefined) return `the application ${voiceApplicationSid}`

  return voiceUrl === undefined ? undefined : `the webhook ${hostOf(voiceUrl)}`
}

/**
 * The changes that bring an account to what is wanted, in their order; none when it is so already. Whatever has the
 * connection's name was made by Baton; a plan changes nothing else, except which trunk the chosen numbers belong to.
 * @param before the use of the numbers that Baton has moved
 */
export function connectionPlan(
  state: AccountState,
  name: string,
  wanted: DesiredConnection,
  before: Readonly<Record<string, NumberBefore>> = {},
): Change[] {
  const trunk = state.trunks.find((one) => one.name === name)

  return [
    ...trunkChanges(trunk, name, wanted),
    ...originationChanges(trunk, wanted),
    ...credentialChanges(state, trunk, name, wanted),
    ...addressChanges(state, trunk, name, wanted),
    ...numberChanges(state, trunk, wanted, before),
  ]
}

/** The changes that take away what Baton has made, and restore the numbers that are still on its trunk. */
export function disconnectionPlan(
  state: AccountState,
  name: string,
  before: Readonly<Record<string, NumberBefore>>,
): Change[] {
  const trunk = state.trunks.find((one) => one.name === name)
  const credentials = state.credentialLists.filter((list) => list.name === name)
  const addresses = state.addressLists.filter((list) => list.name === name)
  const ours = trunk ? state.numbers.filter(({ trunkSid }) => trunkSid === trunk.sid) : []

  return [
    ...(trunk ? ours.flatMap((number) => releaseChanges(state, trunk, number, before[number.sid])) : []),
    // A number that a former run has taken off the trunk, and not yet restored.
    ...state.numbers
      .filter(({ sid, trunkSid, voiceApplicationSid }) => sid in before && !trunkSid && !voiceApplicationSid)
      .flatMap((number) => restoreChanges(state, number, before[number.sid])),
    ...(trunk
      ? [{ words: `Delete the SIP trunk ${name}`, call: { kind: 'remove_trunk', trunk: trunk.sid } as const }]
      : []),
    ...credentials.map(({ sid: list }) => ({
      words: `Delete the credential list ${name}`,
      call: { kind: 'remove_credentials', list } as const,
    })),
    ...addresses.map(({ sid: list }) => ({
      words: `Delete the IP access control list ${name}`,
      call: { kind: 'remove_addresses', list } as const,
    })),
  ]
}

function trunkChanges(trunk: AccountTrunk | undefined, name: string, wanted: DesiredConnection): Change[] {
  const fields: TrunkFields = {
    secure: wanted.secure,
    transferMode: 'enable-all',
    transferCallerId: 'from-transferee',
    ...defined({ disasterUrl: wanted.disasterUrl, domain: wanted.termination?.domain }),
  }
  const { secure, disasterUrl, domain } = fields
  if (!trunk) {
    const words = [
      `Create the SIP trunk ${name}: call transfer to SIP and telephone numbers, with the caller's number`,
      secure ? 'secure trunking (TLS and SRTP)' : 'no secure trunking',
      ...(disasterUrl === undefined ? [] : [`${disasterUrl} for callers while Baton does not answer`]),
      ...(domain === undefined ? [] : [`calls from Baton at ${domain}`]),
    ]

    return [{ words: words.join(', '), call: { kind: 'create_trunk', name, fields } }]
  }
  const words = [
    ...(trunk.transferMode === 'enable-all' ? [] : [`switch on call transfer (it is ${trunk.transferMode})`]),
    ...(trunk.transferCallerId === 'from-transferee' ? [] : ["show the caller's number in transfers"]),
    ...(trunk.secure === secure ? [] : [`switch secure trunking ${secure ? 'on' : 'off'}`]),
    ...(trunk.disasterUrl === disasterUrl ? [] : [`set the disaster recovery URL to ${disasterUrl ?? 'none'}`]),
    ...(trunk.domain === domain ? [] : [`set the termination domain to ${domain ?? 'none'}`]),
  ]

  return words.length === 0
    ? []
    : [
        {
          words: `Of the SIP trunk ${name}: ${words.join(', ')}`,
          call: { kind: 'update_trunk', trunk: trunk.sid, fields },
        },
      ]
}

const priorityStep = 10

function originationChanges(trunk: AccountTrunk | undefined, { uris }: DesiredConnection): Change[] {
  const sid = trunk?.sid ?? madeTrunk
  const present = trunk?.originations ?? []
  const added = uris.flatMap((uri, at): Change[] => {
    const priority = (at + 1) * priorityStep
    const one = present.find((origination) => origination.uri === uri)
    if (!one) {
      const words = `Send calls of the trunk to ${uri} (priority ${priority})`

      return [{ words, call: { kind: 'add_origination', trunk: sid, uri, priority } }]
    }
    if (one.priority === priority && one.enabled) return []
    const words = `Send calls of the trunk to ${uri} with priority ${priority} again`

    return [{ words, call: { kind: 'update_origination', trunk: sid, sid: one.sid, priority } }]
  })
  const removed = present
    .filter(({ uri }) => !uris.includes(uri))
    .map(({ uri, sid: origination }): Change => ({
      words: `Send no more calls of the trunk to ${uri}`,
      call: { kind: 'remove_origination', trunk: sid, sid: origination },
    }))

  return [...added, ...removed]
}

function credentialChanges(
  { credentialLists }: AccountState,
  trunk: AccountTrunk | undefined,
  name: string,
  { termination }: DesiredConnection,
): Change[] {
  const username = termination?.username
  if (username === undefined) return []
  const list: CredentialList | undefined = credentialLists.find((one) => one.name === name)
  const sid = list?.sid ?? madeCredentials
  const changes: Change[] = []
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
): Change[] {
  const addresses = termination?.addresses ?? []
  if (addresses.length === 0) return []
  const list: AddressList | undefined = addressLists.find((one) => one.name === name)
  const sid = list?.sid ?? madeAddresses
  const changes: Change[] = []
  if (!list) {
    changes.push({ words: `Create the IP access control list ${name}`, call: { kind: 'create_addresses', name } })
  }
  for (const address of addresses.filter((one) => !list?.addresses.includes(one))) {
    const call = { kind: 'add_address', list: sid, address } as const
    changes.push({ words: `Let ${address} call through the trunk`, call })
  }
  if (!trunk?.addressListSids.includes(sid)) {
    const call = { kind: 'use_addresses', trunk: trunk?.sid ?? madeTrunk, list: sid } as const
    changes.push({ words: `Have the trunk take calls of the addresses of ${name} only`, call })
  }

  return changes
}

function numberChanges(
  state: AccountState,
  trunk: AccountTrunk | undefined,
  wanted: DesiredConnection,
  before: Readonly<Record<string, NumberBefore>>,
): Change[] {
  const added = state.numbers
    .filter(({ number }) => wanted.numbers.includes(number))
    .filter(({ trunkSid }) => !trunk || trunkSid !== trunk.sid)
    .map((number): Change => ({
      words: `Send calls to ${number.number} to the trunk${insteadOf(state, number)}`,
      call: { kind: 'use_number', trunk: trunk?.sid ?? madeTrunk, sid: number.sid },
    }))
  const removed = trunk
    ? state.numbers
        .filter(({ number, trunkSid }) => trunkSid === trunk.sid && !wanted.numbers.includes(number))
        .flatMap((number) => releaseChanges(state, trunk, number, before[number.sid]))
    : []

  return [...added, ...removed]
}

function insteadOf(state: AccountState, number: AccountNumber): string {
  const use = useOf(state, number)

  return use === undefined ? '' : `, instead of to ${use}`
}

/** A webhook's URL may hold user, password or a token. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'that is set'
}

function trunkName(state: Pick<AccountState, 'trunks'>, sid: string): string {
  return state.trunks.find((one) => one.sid === sid)?.name ?? sid
}

function releaseChanges(
  state: AccountState,
  trunk: AccountTrunk,
  number: AccountNumber,
  before: NumberBefore | undefined,
): Change[] {
  const words = `Take ${number.number} off the trunk ${trunk.name}`

  return [
    { words, call: { kind: 'free_number', trunk: trunk.sid, sid: number.sid } },
    ...restoreChanges(state, number, before),
  ]
}

/** A voice URL stays with its number while a trunk has the number, and is in force again afterwards. */
function restoreChanges(state: AccountState, { sid, number }: AccountNumber, before: NumberBefore = {}): Change[] {
  const { trunkSid, voiceApplicationSid } = before
  if (trunkSid !== undefined) {
    // The trunk may have been deleted in the meantime.
    if (!state.trunks.some((one) => one.sid === trunkSid)) return []
    const words = `Send calls to ${number} to the trunk ${trunkName(state, trunkSid)} again`

    return [{ words, call: { kind: 'restore_number', sid, trunkSid } }]
  }
  if (voiceApplicationSid === undefined) return []
  const words = `Send calls to ${number} to the application ${voiceApplicationSid} again`

  return [{ words, call: { kind: 'restore_number', sid, voiceApplicationSid } }]
}
