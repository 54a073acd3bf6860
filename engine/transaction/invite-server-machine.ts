import { ignore, machine, to } from '../state-machine.ts'

export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated'
export type InviteServerInput =
  | 'request' // The INVITE again.
  | 'ack'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'timerTrying'
  | 'timerC'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'
  | 'transportError'

export type InviteServerAction =
  | 'send' // The response that the user has handed down.
  | 'resend' // The same, which has been sent before.
  | 'repeat' // The last response sent, if any.
  | 'sendTrying'
  | 'sendTimeout'
  | 'startC'
  | 'reportTimeout'
  | 'startG'
  | 'startH'
  | 'startI'
  | 'startL'
  | 'stopGH'
  | 'reportTransportError'

/** RFC 3261 figure 7, with RFC 6026's Accepted. Timer C is ours: the figure waits for its user for ever. */
export const inviteServer = machine<InviteServerState, InviteServerInput, InviteServerAction>({
  proceeding: {
    request: to('proceeding', 'repeat'),
    ack: ignore,
    provisional: to('proceeding', 'send', 'startC'),
    success: to('accepted', 'send', 'startL'),
    failure: to('completed', 'send', 'startG', 'startH'),
    timerTrying: to('proceeding', 'sendTrying'),
    // A user that says nothing for so long never will.
    timerC: to('completed', 'sendTimeout', 'startG', 'startH', 'reportTimeout'),
    timerG: ignore,
    timerH: ignore,
    timerI: ignore,
    timerL: ignore,
    // The user decides: another response may find a way (18.2.2).
    transportError: to('proceeding', 'reportTransportError'),
  },
  completed: {
    request: to('completed', 'repeat'),
    ack: to('confirmed', 'stopGH', 'startI'),
    provisional: ignore,
    success: ignore,
    failure: ignore,
    timerTrying: ignore,
    timerC: ignore,
    timerG: to('completed', 'repeat', 'startG'),
    timerH: to('terminated'),
    timerI: ignore,
    timerL: ignore,
    // RFC 6026 7.1: not a reason to end; the peer repeats its request and hears the response then.
    transportError: ignore,
  },
  confirmed: {
    request: ignore,
    ack: ignore,
    provisional: ignore,
    success: ignore,
    failure: ignore,
    timerTrying: ignore,
    timerC: ignore,
    timerG: ignore,
    timerH: ignore,
    timerI: to('terminated'),
    timerL: ignore,
    transportError: ignore,
  },
  accepted: {
    // RFC 6026 7.1: absorbed; the dialog repeats the 2xx.
    request: ignore,
    // It is the dialog's.
    ack: ignore,
    provisional: ignore,
    success: to('accepted', 'resend'),
    failure: ignore,
    timerTrying: ignore,
    timerC: ignore,
    timerG: ignore,
    timerH: ignore,
    timerI: ignore,
    timerL: to('terminated'),
    transportError: ignore,
  },
  terminated: {
    request: ignore,
    ack: ignore,
    provisional: ignore,
    success: ignore,
    failure: ignore,
    timerTrying: ignore,
    timerC: ignore,
    timerG: ignore,
    timerH: ignore,
    timerI: ignore,
    timerL: ignore,
    transportError: ignore,
  },
})
