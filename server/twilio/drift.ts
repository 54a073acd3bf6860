import type { AccountNumber, AccountState, AccountTrunk } from './account.ts'
import { priorityOf } from './changes.ts'
import { isAtWebhook, trunkOf, useOf, usesTrunk, type AccountConnection } from './connection.ts'

/** What has changed in the account since it was connected, and what to do. */
export interface DriftFinding {
  /** `failed`: calls or transfers fail; `warning`: they may. */
  readonly state: 'failed' | 'warning'
  readonly detail: string
  readonly hint: string
}

const correct = 'Correct it on the page Numbers & trunks, or by npx baton twilio connect with the same options.'

/** All that is not as it was connected. Changes of the account that do not concern the connection are none. */
export function driftFindings(state: AccountState, connection: AccountConnection): DriftFinding[] {
  const { name, wanted } = connection
  const trunk = trunkOf(state, connection)
  const moved = webhookFindings(state, wanted)
  if (!trunk && !usesTrunk(wanted)) return moved
  if (!trunk) {
    const isTaken = wanted.trunkSid !== undefined
    const hint = isTaken ? 'Disconnect Twilio, and connect it with another trunk.' : correct

    return [failed(`the SIP trunk ${wanted.trunkSid ?? name} is deleted: no call reaches Baton by it`, hint), ...moved]
  }

  return [
    ...transferFindings(trunk),
    ...settingFindings(trunk, connection),
    ...originationFindings(trunk, connection),
    ...terminationFindings(state, trunk, connection),
    ...wanted.numbers.flatMap((number) => numberFindings(state, trunk, number)),
    ...moved,
  ]
}

function failed(detail: string, hint = correct): DriftFinding {
  return { state: 'failed', detail, hint }
}

function warning(detail: string, hint = correct): DriftFinding {
  return { state: 'warning', detail, hint }
}

function transferFindings({ transferMode, transferCallerId }: AccountTrunk): DriftFinding[] {
  const modes = {
    'enable-all': [],
    'disable-all': [failed('call transfer is switched off (disable-all): Twilio refuses every REFER')],
    'sip-only': [
      failed('call transfer is for SIP addresses alone (sip-only): REFERs to telephone numbers are refused'),
    ],
  }

  return [
    ...modes[transferMode],
    ...(transferCallerId === 'from-transferee'
      ? []
      : [warning("people who take a transfer see Baton's number and not the caller's (from-transferor)")]),
  ]
}

function settingFindings(trunk: AccountTrunk, { wanted }: AccountConnection): DriftFinding[] {
  const { secure, disasterUrl } = wanted
  const insecure = 'secure trunking is off: Twilio sends plain SIP and RTP, and Baton was connected for TLS and SRTP'
  const tooSecure = 'secure trunking is on: Twilio asks for TLS and SRTP, and Baton was connected without'
  // What a trunk that was taken over had as its disaster recovery URL is its owner's.
  const hasOther = (wanted.trunkSid === undefined || disasterUrl !== undefined) && trunk.disasterUrl !== disasterUrl

  return [
    ...(trunk.secure === secure ? [] : [failed(secure ? insecure : tooSecure)]),
    ...(hasOther
      ? [warning(`the disaster recovery URL is ${trunk.disasterUrl ?? 'gone'}, and was ${disasterUrl ?? 'none'}`)]
      : []),
  ]
}

function originationFindings({ originations }: AccountTrunk, { wanted: { uris } }: AccountConnection): DriftFinding[] {
  const present = originations.filter(({ enabled }) => enabled)
  const missing = uris.filter((uri) => !present.some((one) => one.uri === uri))
  const moved = present.filter(({ uri, priority }) => uris.includes(uri) && priority !== priorityOf(uris, uri))
  const others = present.filter(({ uri }) => !uris.includes(uri))
  const isUnreachable = missing.length === uris.length

  return [
    ...missing.map((uri) =>
      (isUnreachable ? failed : warning)(`calls no longer go to ${uri}: its origination URL is gone or switched off`),
    ),
    ...moved.map(({ uri, priority }) =>
      warning(`${uri} has priority ${priority}, and was connected with ${priorityOf(uris, uri)}`),
    ),
    ...others.map(({ uri, priority }) => warning(`calls go to ${uri}, too (priority ${priority})`)),
  ]
}

/** Of calls from Baton to Twilio. */
function terminationFindings(state: AccountState, trunk: AccountTrunk, connection: AccountConnection): DriftFinding[] {
  const { name, wanted } = connection
  const { termination } = wanted
  if (!termination) return []
  const { domain, username, addresses } = termination
  const credentials = state.credentialLists.find((list) => list.name === name)
  const addressList = state.addressLists.find((list) => list.name === name)
  const refused = addresses.filter((address) => !addressList?.addresses.includes(address))
  const hasUser = credentials?.users.includes(username ?? '') && trunk.credentialListSids.includes(credentials.sid)
  const usesAddresses = addressList && trunk.addressListSids.includes(addressList.sid)

  return [
    ...(trunk.domain === domain
      ? []
      : [failed(`the termination domain is ${trunk.domain ?? 'gone'}: calls from Baton to ${domain} fail`)]),
    ...(username === undefined || hasUser
      ? []
      : [
          failed(
            `the credential list ${name} is gone, is not used, or lacks ${username}: Twilio refuses calls from Baton`,
            'Change the connection on the page Numbers & trunks, with a password for the user.',
          ),
        ]),
    ...(addresses.length === 0 || usesAddresses
      ? refused.map((address) => failed(`the IP access control list ${name} lacks ${address}`))
      : [failed(`the IP access control list ${name} is gone or is not used: Twilio refuses calls from Baton`)]),
  ]
}

function numberFindings(state: AccountState, trunk: AccountTrunk, number: string): DriftFinding[] {
  const one: AccountNumber | undefined = state.numbers.find((each) => each.number === number)
  if (!one) return [released(number)]
  if (one.trunkSid === trunk.sid) return []

  return [failed(`calls to ${number} go to ${useOf(state, one) ?? 'nothing'}, and not to the trunk of Baton`)]
}

function released(number: string): DriftFinding {
  const hint = 'Change the connection on the page Numbers & trunks, and leave the number out; or get it back at Twilio.'

  return failed(`${number} is released: the account no longer has it`, hint)
}

function webhookFindings(state: AccountState, { webhook }: AccountConnection['wanted']): DriftFinding[] {
  if (!webhook) return []

  return webhook.numbers.flatMap((number) => {
    const one = state.numbers.find((each) => each.number === number)
    if (!one) return [released(number)]
    if (isAtWebhook(one, webhook.url)) return []

    return [failed(`the voice webhook of ${number} has moved: its calls go to ${useOf(state, one) ?? 'nothing'}`)]
  })
}

/** A note beside the findings. */
export const registrationNote =
  'A2P 10DLC registration concerns text messages alone, which Baton does not send: it is not checked'
