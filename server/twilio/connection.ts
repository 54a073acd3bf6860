import { defined } from '../../base/defined.ts'
import type { AccountNumber, AccountState, AccountTrunk, Origination, TrunkFields } from './account.ts'

/** The connection that an admin wants. */
export interface DesiredConnection {
  /** E.164; calls to them go to Baton. */
  numbers: string[]
  /** SIP URIs of Baton, the preferred one first. */
  uris: string[]
  /** Whether signalling goes by TLS, and media by SRTP. */
  secure: boolean
  /** The trunk of the account that is taken over; left out: Baton makes one. */
  trunkSid?: string
  /** The TwiML for callers while no Baton answers. */
  disasterUrl?: string
  /** Numbers whose calls reach Baton by their voice webhook, and not by the trunk. */
  webhook?: { url: string; numbers: string[] }
  /** Calls from Baton to Twilio. */
  termination?: { domain: string; username?: string; addresses: string[] }
}

/** A number's use before the connection, which Disconnect restores. */
export type NumberBefore = Pick<AccountNumber, 'trunkSid' | 'voiceApplicationSid' | 'voiceUrl'>

/** The settings of a trunk that is taken over, as they were before. */
export interface TrunkBefore {
  readonly fields: TrunkFields
  readonly originations: readonly Origination[]
}

/** What is wanted of an account, and what was there before Baton changed it. */
export interface AccountConnection {
  /** Of all that Baton makes in the account. */
  readonly name: string
  readonly wanted: DesiredConnection
  /** By the SID of each number that Baton has moved. */
  readonly before: Readonly<Record<string, NumberBefore>>
  /** Of the trunk that is taken over. */
  readonly trunkBefore?: TrunkBefore
}

/** Whether any call goes by a trunk: numbers may reach Baton by their voice webhooks alone. */
export function usesTrunk({ numbers, trunkSid, termination, webhook }: DesiredConnection): boolean {
  return webhook === undefined || numbers.length > 0 || trunkSid !== undefined || termination !== undefined
}

/** The path of Baton's voice webhook (`/v1/twilio/voice`). */
export function isVoicePath(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && new URL(url).pathname.endsWith('/v1/twilio/voice')
}

/** Whether calls to a number reach the webhook of the connection. */
export function isAtWebhook({ trunkSid, voiceApplicationSid, voiceUrl }: AccountNumber, url: string): boolean {
  return trunkSid === undefined && voiceApplicationSid === undefined && voiceUrl === url
}

/** The trunk of the connection: the one that is taken over, or the one that Baton has made. */
export function trunkOf(
  { trunks }: Pick<AccountState, 'trunks'>,
  { name, wanted: { trunkSid } }: Pick<AccountConnection, 'name' | 'wanted'>,
): AccountTrunk | undefined {
  return trunks.find((trunk) => (trunkSid === undefined ? trunk.name === name : trunk.sid === trunkSid))
}

/** What is wanted now, and what was there before Baton changes it now or has changed it already. */
export function connectionFor(
  state: AccountState,
  former: AccountConnection | undefined,
  name: string,
  wanted: DesiredConnection,
): AccountConnection {
  const trunk = trunkOf(state, { name, wanted })
  const moved = state.numbers.filter(
    ({ number, trunkSid }) => wanted.numbers.includes(number) && (trunkSid === undefined || trunkSid !== trunk?.sid),
  )
  const { webhook } = wanted
  const redirected = webhook
    ? state.numbers.filter((one) => webhook.numbers.includes(one.number) && !isAtWebhook(one, webhook.url))
    : []
  const before = Object.fromEntries([
    ...moved.map(
      ({ sid, trunkSid, voiceApplicationSid }) => [sid, defined({ trunkSid, voiceApplicationSid })] as const,
    ),
    ...redirected.map(
      ({ sid, trunkSid, voiceApplicationSid, voiceUrl }) =>
        [sid, former?.before[sid] ?? defined({ trunkSid, voiceApplicationSid, voiceUrl })] as const,
    ),
  ])

  return {
    ...{ name, wanted, before: { ...former?.before, ...before } },
    ...(trunk && wanted.trunkSid !== undefined
      ? { trunkBefore: beforeTakeover(trunk, former) }
      : defined({ trunkBefore: former?.trunkBefore })),
  }
}

/** The settings, and the origination URLs with those that others have added since; not those that Baton has made. */
function beforeTakeover(trunk: AccountTrunk, former: AccountConnection | undefined): TrunkBefore {
  const { originations, secure, transferMode, transferCallerId, disasterUrl, domain } = trunk
  const known = former?.trunkBefore
  const made = known ? former.wanted.uris : []
  const others = originations.filter(
    ({ sid, uri }) => !known?.originations.some((one) => one.sid === sid) && !made.includes(uri),
  )

  return {
    fields: known?.fields ?? { secure, transferMode, transferCallerId, ...defined({ disasterUrl, domain }) },
    originations: [...(known?.originations ?? []), ...others],
  }
}

/** The numbers that are wanted and that the account does not have. */
export function unknownNumbers({ numbers }: AccountState, wanted: DesiredConnection): string[] {
  const { numbers: onTrunk, webhook } = wanted

  return [...onTrunk, ...(webhook?.numbers ?? [])].filter(
    (wantedNumber) => !numbers.some(({ number }) => number === wantedNumber),
  )
}

/** The numbers on a trunk that is taken over that are not chosen: their calls go to Baton, too. */
export function otherNumbers(state: AccountState, { numbers, trunkSid }: DesiredConnection): string[] {
  if (trunkSid === undefined) return []

  return state.numbers.filter((one) => one.trunkSid === trunkSid && !numbers.includes(one.number)).map(numberOf)
}

function numberOf({ number }: AccountNumber): string {
  return number
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

/** A webhook's URL may hold user, password or a token. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'that is set'
}

export function trunkName({ trunks }: Pick<AccountState, 'trunks'>, sid: string): string {
  return trunks.find((one) => one.sid === sid)?.name ?? sid
}
