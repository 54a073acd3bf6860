/** The result of one input: the next state, and the actions to run in that order. */
export interface Transition<State extends string, Action extends string> {
  readonly state: State
  readonly actions: readonly Action[]
}

/** A pure machine: every pair of state and input is decided, `ignore` included. */
export type Machine<State extends string, Input extends string, Action extends string> = Readonly<
  Record<State, Readonly<Record<Input, Transition<State, Action> | Ignore>>>
>

/** The input changes nothing in this state. */
export const ignore = 'ignore'
type Ignore = typeof ignore

export function machine<State extends string, Input extends string, Action extends string>(
  table: Machine<State, Input, Action>,
): Machine<State, Input, Action> {
  return table
}

export function to<State extends string, Action extends string>(
  state: State,
  ...actions: Action[]
): Transition<State, Action> {
  return { state, actions }
}
