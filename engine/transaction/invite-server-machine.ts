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

/** RFC 3261 figure 7, with RFC 6026's Accepted. Timer C is an addition: the figure waits for its user without a limit. */
export const inviteServer = machine<InviteServerState, InviteServerInput, InviteServerAction>({
  proceeding: {
    request: to('proceeding', 'repeat'),
    ack: ignore,
    provisional: to('proceeding', 'send', 'startC'),
    success: to('accepted', 'send', 'startL'),
    failure: to('completed', 'send', 'startG', 'startH'),
    timerTrying: to('proceeding', 'sendTrying'),
    // A user that is silent for so long is taken to have failed.
    timerC: to('completed', 'sendTimeout', 'startG', 'startH', 'reportTimeout'),
    timerG: ignore,
    timerH: ignore,
    timerI: ignore,
    timerL: ignore,
    // The user decides: another response may still get through (18.2.2).
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
    // RFC 6026 7.1: the transaction goes on; the peer retransmits its request and gets the response then.
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
    // RFC 6026 7.1: the INVITE is absorbed; the dialog retransmits the 2xx.
    request: ignore,
    // The ACK of a 2xx belongs to the dialog.
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
