import { ignore, machine, to } from '../../engine/index.ts'

export const addressStates = ['up', 'down', 'half_open', 'unknown'] as const
/** `unknown`: nothing is known yet. `half_open`: one call at a time is tried. */
export type AddressState = (typeof addressStates)[number]

export type AddressInput =
  | 'well' // Enough answers in a row, or a call that the address has responded to.
  | 'ill' // Enough failures in a row, or a call that met one.
  | 'retry' // The back-off is over.
  | 'clear' // An operator has taken the target out, or put it in again.

export type AddressAction =
  | 'startBackOff' // Longer each time, up to a bound.
  | 'stopBackOff'
  | 'endTrial' // A call that is being tried decides nothing any more.
  | 'forget' // The results of earlier count no more.

/** The state of one address of a target: a circuit breaker with half-open trials. */
export const addressMachine = machine<AddressState, AddressInput, AddressAction>({
  unknown: {
    well: to('up'),
    ill: to('down', 'startBackOff'),
    retry: ignore,
    clear: to('unknown', 'forget'),
  },
  up: {
    well: ignore,
    ill: to('down', 'startBackOff'),
    retry: ignore,
    clear: to('unknown', 'forget'),
  },
  down: {
    well: to('up', 'stopBackOff'),
    // A call was sent there all the same, since no other address was left.
    ill: ignore,
    retry: to('half_open'),
    clear: to('unknown', 'stopBackOff', 'forget'),
  },
  half_open: {
    well: to('up', 'endTrial'),
    ill: to('down', 'endTrial', 'startBackOff'),
    retry: ignore,
    clear: to('unknown', 'endTrial', 'forget'),
  },
})

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
