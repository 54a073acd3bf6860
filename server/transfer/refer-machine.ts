import { ignore, machine, to } from '../../engine/index.ts'

export type ReferState =
  | 'asked' // No final response to REFER yet.
  | 'doubted' // The response says that the dialog may be gone.
  | 'leaving' // BYE from the caller's side before its response to REFER.
  | 'accepted' // 2xx to REFER.
  | 'left' // BYE from the caller's side after its 2xx to REFER.
  | 'guessed' // An outcome without proof, which may still come.
  | 'ended'

export type ReferInput =
  | 'accepted' // 2xx to REFER.
  | 'refused' // 3xx to 6xx.
  | 'doubtful' // 481, or no response at all: the dialog may be gone.
  | 'alive' // The caller's side knows the dialog.
  | 'progress' // NOTIFY with 1xx.
  | 'success' // NOTIFY with 2xx.
  | 'failure' // NOTIFY with 3xx to 6xx.
  | 'closed' // A last NOTIFY without a status.
  | 'bye' // BYE from the caller's side, or the dialog has proved to be gone.
  | 'silence' // The timer that `listen` or `linger` started.

export type ReferAction =
  | 'listen' // Wait `notify_timeout` for the next NOTIFY.
  | 'linger' // Wait a moment for a response or a NOTIFY that crosses the BYE.
  | 'probe' // Ask the caller's side whether it knows the dialog.
  | 'refused'
  | 'succeeded'
  | 'failed'
  | 'abandoned'
  | 'unreported'
  | 'judgeBye'

/** A REFER that Baton sent (RFC 3515). A 202 is not an outcome; NOTIFYs are, and they may overtake it. */
export const referMachine = machine<ReferState, ReferInput, ReferAction>({
  asked: {
    accepted: to('accepted', 'listen'),
    refused: to('ended', 'refused'),
    doubtful: to('doubted', 'probe'),
    alive: ignore,
    progress: ignore,
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    closed: ignore,
    bye: to('leaving', 'linger'),
    silence: ignore,
  },
  doubted: {
    accepted: ignore,
    refused: ignore,
    doubtful: ignore,
    alive: to('ended', 'refused'),
    progress: ignore,
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    closed: ignore,
    bye: to('ended', 'abandoned'),
    silence: ignore,
  },
  // RFC 5057 4.1: the BYE ends the session, and not the REFER that crosses it.
  leaving: {
    accepted: to('left', 'linger'),
    refused: to('ended', 'abandoned'),
    doubtful: to('ended', 'abandoned'),
    alive: ignore,
    progress: ignore,
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    closed: ignore,
    bye: ignore,
    silence: to('ended', 'abandoned'),
  },
  accepted: {
    accepted: ignore,
    refused: ignore,
    doubtful: ignore,
    alive: ignore,
    progress: to('accepted', 'listen'),
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    // No NOTIFY follows, but a BYE may.
    closed: ignore,
    bye: to('left', 'linger'),
    silence: to('guessed', 'unreported'),
  },
  left: {
    accepted: ignore,
    refused: ignore,
    doubtful: ignore,
    alive: ignore,
    progress: ignore,
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    closed: ignore,
    bye: ignore,
    silence: to('guessed', 'judgeBye'),
  },
  // The first proof amends the outcome.
  guessed: {
    accepted: ignore,
    refused: ignore,
    doubtful: ignore,
    alive: ignore,
    progress: ignore,
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    closed: ignore,
    bye: ignore,
    silence: ignore,
  },
  ended: {
    accepted: ignore,
    refused: ignore,
    doubtful: ignore,
    alive: ignore,
    progress: ignore,
    success: ignore,
    failure: ignore,
    closed: ignore,
    bye: ignore,
    silence: ignore,
  },
})
