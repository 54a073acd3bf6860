import { addressStates, type AddressState } from './address-machine.ts'

/** What an operator makes of a target: a draining one keeps the calls that it has. */
const takenOutStates = ['disabled', 'draining'] as const
export type TakenOutState = (typeof takenOutStates)[number]

export const targetStates = [...addressStates, ...takenOutStates] as const
export type TargetState = (typeof targetStates)[number]

/** The best state of an address is the target's: it is down when all its addresses are. */
const fromBest: readonly AddressState[] = ['up', 'unknown', 'half_open', 'down']

/** The state of a target that has these addresses, one at least. */
export function stateOf(addresses: readonly { readonly state: AddressState }[]): AddressState {
  return fromBest.find((state) => addresses.some((address) => address.state === state)) ?? 'unknown'
}
