import type { AccountCall, AccountNumber, AccountState, AccountTrunk } from './account.ts'
import { trunkName, useOf, type NumberBefore } from './connection.ts'

/** One change of the account: the words that are shown beforehand, and its call. */
export interface AccountChange {
  readonly words: string
  readonly call: AccountCall
}

/** Stands for the SID that an earlier change of the same plan gives. */
export const madeTrunk = 'made-trunk'
export const madeCredentials = 'made-credentials'
export const madeAddresses = 'made-addresses'

const priorityStep = 10

/** The priority of one of Baton's URIs, by its place among them. */
export function priorityOf(uris: readonly string[], uri: string): number {
  return (uris.indexOf(uri) + 1) * priorityStep
}

/** The changes that take a number off the trunk of the connection, and restore its use before. */
export function releaseChanges(
  state: AccountState,
  trunk: AccountTrunk,
  number: AccountNumber,
  before: NumberBefore | undefined,
): AccountChange[] {
  const words = `Take ${number.number} off the trunk ${trunk.name}`

  return [
    { words, call: { kind: 'free_number', trunk: trunk.sid, sid: number.sid } },
    ...restoreChanges(state, number, before),
  ]
}

/** The voice webhook of a number as it was before it was Baton's. */
export function unredirectChanges(
  state: AccountState,
  number: AccountNumber,
  before: NumberBefore = {},
): AccountChange[] {
  const { sid, number: text, name } = number
  const use = useOf(state, { sid, number: text, name, ...before })
  const words = `Send calls to ${text} to ${use ?? 'nothing'} again`

  return [{ words, call: { kind: 'restore_number', sid, voiceUrl: '', ...before } }]
}

/** A voice URL stays with its number while a trunk has the number, and is in force again afterwards. */
export function restoreChanges(
  state: AccountState,
  { sid, number }: AccountNumber,
  before: NumberBefore = {},
): AccountChange[] {
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
