import { Refusal } from '../../base/refusal.ts'

/** The part of a Twilio account that a connection reads and changes. */
export interface AccountState {
  readonly numbers: readonly AccountNumber[]
  /** Elastic SIP trunks, each with its origination URLs. */
  readonly trunks: readonly AccountTrunk[]
  readonly credentialLists: readonly CredentialList[]
  readonly addressLists: readonly AddressList[]
}

export interface AccountNumber {
  readonly sid: string
  /** E.164. */
  readonly number: string
  readonly name: string
  readonly trunkSid?: string
  readonly voiceUrl?: string
  readonly voiceApplicationSid?: string
}

export interface TrunkFields {
  readonly secure: boolean
  /** `enable-all`: transfers by REFER to SIP and to the telephone network. */
  readonly transferMode: 'disable-all' | 'enable-all' | 'sip-only'
  readonly transferCallerId: 'from-transferee' | 'from-transferor'
  /** The TwiML for calls while no origination URL answers; the empty string clears it. */
  readonly disasterUrl?: string
  /** `name.pstn.twilio.com`, to which Baton sends calls. */
  readonly domain?: string
}

export interface AccountTrunk extends TrunkFields {
  readonly sid: string
  readonly name: string
  readonly originations: readonly Origination[]
  readonly credentialListSids: readonly string[]
  readonly addressListSids: readonly string[]
}

export interface Origination {
  readonly sid: string
  readonly uri: string
  readonly priority: number
  readonly enabled: boolean
}

export interface CredentialList {
  readonly sid: string
  readonly name: string
  readonly users: readonly string[]
}

export interface AddressList {
  readonly sid: string
  readonly name: string
  readonly addresses: readonly string[]
}

/** One write to the account. Lists and the trunk that a plan makes have the connection's name, and are found by it. */
export type AccountCall =
  | { kind: 'create_trunk'; name: string; fields: TrunkFields }
  | { kind: 'update_trunk'; trunk: string; fields: Partial<TrunkFields> }
  | { kind: 'add_origination'; trunk: string; uri: string; priority: number }
  | { kind: 'update_origination'; trunk: string; sid: string; priority: number; enabled: boolean }
  | { kind: 'remove_origination'; trunk: string; sid: string }
  | { kind: 'create_credentials'; name: string }
  | { kind: 'add_user'; list: string; username: string }
  | { kind: 'use_credentials'; trunk: string; list: string }
  | { kind: 'unuse_credentials'; trunk: string; list: string }
  | { kind: 'remove_credentials'; list: string }
  | { kind: 'create_addresses'; name: string }
  | { kind: 'add_address'; list: string; address: string }
  | { kind: 'use_addresses'; trunk: string; list: string }
  | { kind: 'unuse_addresses'; trunk: string; list: string }
  | { kind: 'remove_addresses'; list: string }
  | { kind: 'use_number'; trunk: string; sid: string }
  | { kind: 'free_number'; trunk: string; sid: string }
  | { kind: 'restore_number'; sid: string; trunkSid?: string; voiceApplicationSid?: string; voiceUrl?: string }
  /** A trunk and an application go before a webhook: they are taken off. */
  | { kind: 'use_webhook'; sid: string; url: string }
  | { kind: 'remove_trunk'; trunk: string }

/** A Twilio account, by its REST API. */
export interface TwilioAccount {
  read(): Promise<AccountState>
  /**
   * Makes one change, and resolves with the SID of what it created.
   * @param password of `add_user`, which no plan holds
   */
  apply(call: AccountCall, password?: string): Promise<string | undefined>
}

/** A refusal of a change of the connection to Twilio, in the form that the API answers. */
export class TwilioRefused extends Refusal {
  constructor(slug: keyof typeof refusals, detail: string) {
    const [status, title] = refusals[slug]
    super({ status, slug, title, detail })
  }
}

const refusals = {
  no_secrets_key: [409, 'SECRETS_KEY is needed'],
  not_connected: [409, 'Twilio is not connected'],
  other_account: [409, 'Another account is connected'],
  other_trunk: [409, 'Another trunk is connected'],
  no_trunk: [422, 'No such trunk'],
  twilio_refused: [422, 'Twilio refuses'],
  unknown_number: [422, 'No such number'],
  twilio_unreachable: [502, 'Twilio cannot be reached'],
} as const
