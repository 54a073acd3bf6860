import { ignore, machine, to } from '../../engine/index.ts'

export const targetStates = ['up', 'down', 'half_open', 'unknown', 'disabled', 'draining'] as const
/**
 * `unknown`: nothing is known yet. `half_open`: one call at a time is tried. `disabled`, `draining`: an operator has taken the
 * target out; a draining one keeps the calls that it has.
 */
export type TargetState = (typeof targetStates)[number]

export type TargetInput =
  | 'well' // Enough answers in a row, or a call that the target has responded to.
  | 'ill' // Enough failures in a row, or a call that met one.
  | 'retry' // The back-off is over.
  | 'disable'
  | 'drain'
  | 'enable'

export type TargetAction =
  | 'startBackOff' // Longer each time, up to a bound.
  | 'stopBackOff'
  | 'endTrial' // A call that is being tried decides nothing any more.
  | 'reportDown'
  | 'reportUp'
  | 'reportOut'
  | 'reportIn'
  | 'forget' // The results of earlier count no more.

/** What Baton knows of a target: a breaker with half-open trials, and the switches of an operator. */
export const targetMachine = machine<TargetState, TargetInput, TargetAction>({
  unknown: {
    well: to('up'),
    ill: to('down', 'startBackOff', 'reportDown'),
    retry: ignore,
    disable: to('disabled', 'reportOut'),
    drain: to('draining', 'reportOut'),
    enable: ignore,
  },
  up: {
    well: ignore,
    ill: to('down', 'startBackOff', 'reportDown'),
    retry: ignore,
    disable: to('disabled', 'reportOut'),
    drain: to('draining', 'reportOut'),
    enable: ignore,
  },
  down: {
    well: to('up', 'stopBackOff', 'reportUp'),
    // A call was sent there all the same, since no other target was left.
    ill: ignore,
    retry: to('half_open'),
    disable: to('disabled', 'stopBackOff', 'reportOut'),
    drain: to('draining', 'stopBackOff', 'reportOut'),
    enable: ignore,
  },
  half_open: {
    well: to('up', 'endTrial', 'reportUp'),
    ill: to('down', 'endTrial', 'startBackOff'),
    retry: ignore,
    disable: to('disabled', 'endTrial', 'reportOut'),
    drain: to('draining', 'endTrial', 'reportOut'),
    enable: ignore,
  },
  disabled: {
    well: ignore,
    ill: ignore,
    retry: ignore,
    // The newer reason is shown.
    disable: to('disabled', 'reportOut'),
    drain: to('draining', 'reportOut'),
    enable: to('unknown', 'forget', 'reportIn'),
  },
  draining: {
    well: ignore,
    ill: ignore,
    retry: ignore,
    disable: to('disabled', 'reportOut'),
    drain: to('draining', 'reportOut'),
    enable: to('unknown', 'forget', 'reportIn'),
  },
})
