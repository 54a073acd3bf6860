import { ignore, machine, to } from '../../engine/index.ts'

/** `asked`: no final response to REFER yet. `accepted`: it had a 2xx. `left`: the caller's side has said BYE since. */
export type ReferState = 'asked' | 'accepted' | 'left' | 'ended'

export type ReferInput =
  | 'accepted' // 2xx to REFER.
  | 'refused' // 3xx to 6xx, or nothing.
  | 'progress' // NOTIFY with 1xx.
  | 'success' // NOTIFY with 2xx.
  | 'failure' // NOTIFY with 3xx to 6xx.
  | 'closed' // A last NOTIFY that says nothing.
  | 'bye' // BYE from the caller's side.
  | 'silence' // The timer that `listen` or `linger` started.

export type ReferAction =
  | 'listen' // Wait `notify_timeout` for the next sign of life.
  | 'linger' // Wait a moment for a NOTIFY that crosses the BYE.
  | 'refused'
  | 'succeeded'
  | 'failed'
  | 'abandoned'
  | 'unheard'
  | 'judgeBye'

/** A REFER that we sent (RFC 3515). A 202 is not an outcome; NOTIFYs are, and they may overtake it. */
export const referMachine = machine<ReferState, ReferInput, ReferAction>({
  asked: {
    accepted: to('accepted', 'listen'),
    refused: to('ended', 'refused'),
    progress: ignore,
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    closed: ignore,
    bye: to('ended', 'abandoned'),
    silence: ignore,
  },
  accepted: {
    accepted: ignore,
    refused: ignore,
    progress: to('accepted', 'listen'),
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    // Nothing more will come, but a BYE may still say something.
    closed: ignore,
    bye: to('left', 'linger'),
    silence: to('ended', 'unheard'),
  },
  left: {
    accepted: ignore,
    refused: ignore,
    progress: ignore,
    success: to('ended', 'succeeded'),
    failure: to('ended', 'failed'),
    closed: ignore,
    bye: ignore,
    silence: to('ended', 'judgeBye'),
  },
  ended: {
    accepted: ignore,
    refused: ignore,
    progress: ignore,
    success: ignore,
    failure: ignore,
    closed: ignore,
    bye: ignore,
    silence: ignore,
  },
})
