import { ignore, machine, to } from '../../engine/index.ts'

/**
 * `setup`: the caller's INVITE has had no final response. `connected`: caller and agent talk. `transferring`: a transfer of the
 * caller runs, or the agent has yet to answer the NOTIFY of its outcome before Baton sends it BYE. `bridged`: caller and
 * destination talk.
 */
export type CallState = 'setup' | 'connected' | 'transferring' | 'bridged' | 'ended'

export type CallInput =
  | 'agentAnswered'
  | 'destinationAnswered' // In the place of an agent (`agent_down`), or to an agent that consults a handoff.
  | 'transferBegun'
  | 'transferFailed' // Caller and agent are both up.
  | 'destinationBridged' // The destination has taken the agent's place.
  | 'over' // A party has left, or Baton ends the call.

export type CallAction =
  | 'reportAnswer'
  | 'record' // Note when and why the call has ended.
  | 'reject' // Cancel the INVITE to a party, and send the caller its final response.
  | 'release' // Send BYE to every party, and report the end.

/** A call: one caller from INVITE to the end. A call whose transfer runs is over once the transfer has its outcome. */
export const callMachine = machine<CallState, CallInput, CallAction>({
  setup: {
    agentAnswered: to('connected', 'reportAnswer'),
    destinationAnswered: to('bridged', 'reportAnswer'),
    transferBegun: ignore,
    transferFailed: ignore,
    destinationBridged: ignore,
    over: to('ended', 'record', 'reject', 'release'),
  },
  connected: {
    agentAnswered: ignore,
    destinationAnswered: ignore,
    transferBegun: to('transferring'),
    transferFailed: ignore,
    destinationBridged: ignore,
    over: to('ended', 'record', 'release'),
  },
  transferring: {
    agentAnswered: ignore,
    destinationAnswered: ignore,
    transferBegun: ignore,
    transferFailed: to('connected'),
    destinationBridged: to('bridged'),
    over: to('ended', 'record', 'release'),
  },
  bridged: {
    agentAnswered: ignore,
    destinationAnswered: ignore,
    transferBegun: ignore,
    transferFailed: ignore,
    destinationBridged: ignore,
    over: to('ended', 'record', 'release'),
  },
  ended: {
    agentAnswered: ignore,
    destinationAnswered: ignore,
    transferBegun: ignore,
    transferFailed: ignore,
    destinationBridged: ignore,
    over: ignore,
  },
})
