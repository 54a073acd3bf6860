import { ignore, machine, to } from '../state-machine.ts'

export type InviteClientState =
  | 'calling'
  | 'calling_cancelled' // 9.1: a CANCEL waits for a provisional response.
  | 'proceeding'
  | 'cancelling' // The CANCEL is out; a final response is due within 64*T1.
  | 'accepted'
  | 'completed'
  | 'terminated'

export type InviteClientInput =
  | 'provisional'
  | 'success'
  | 'failure'
  | 'cancel'
  | 'timerA'
  | 'timerB'
  | 'timerC'
  | 'timerD'
  | 'timerM'
  | 'transportError'

export type InviteClientAction =
  | 'send'
  | 'startA'
  | 'startB'
  | 'stopAB'
  | 'startC'
  | 'startD'
  | 'startM'
  | 'report'
  | 'ack'
  | 'repeatAck'
  | 'sendCancel'
  | 'reportTimeout'
  | 'reportTransportError'

/** RFC 3261 figure 5 with 9.1's CANCEL, and RFC 6026's Accepted. Timer C, a proxy's in 16.6, guards against silence. */
export const inviteClient = machine<InviteClientState, InviteClientInput, InviteClientAction>({
  calling: {
    provisional: to('proceeding', 'stopAB', 'startC', 'report'),
    success: to('accepted', 'startM', 'report'),
    failure: to('completed', 'ack', 'startD', 'report'),
    cancel: to('calling_cancelled'),
    timerA: to('calling', 'send', 'startA'),
    timerB: to('terminated', 'reportTimeout'),
    timerC: ignore,
    timerD: ignore,
    timerM: ignore,
    transportError: to('terminated', 'reportTransportError'),
  },
  calling_cancelled: {
    provisional: to('cancelling', 'stopAB', 'sendCancel', 'startB', 'report'),
    success: to('accepted', 'startM', 'report'),
    failure: to('completed', 'ack', 'startD', 'report'),
    cancel: ignore,
    timerA: to('calling_cancelled', 'send', 'startA'),
    timerB: to('terminated', 'reportTimeout'),
    timerC: ignore,
    timerD: ignore,
    timerM: ignore,
    transportError: to('terminated', 'reportTransportError'),
  },
  proceeding: {
    provisional: to('proceeding', 'startC', 'report'),
    success: to('accepted', 'startM', 'report'),
    failure: to('completed', 'ack', 'startD', 'report'),
    cancel: to('cancelling', 'sendCancel', 'startB'),
    timerA: ignore,
    timerB: ignore,
    timerC: to('cancelling', 'sendCancel', 'startB'),
    timerD: ignore,
    timerM: ignore,
    // No INVITE is being sent again: responses may still come, and Timer C ends the transaction if none does.
    transportError: ignore,
  },
  cancelling: {
    provisional: to('cancelling', 'report'),
    success: to('accepted', 'startM', 'report'),
    failure: to('completed', 'ack', 'startD', 'report'),
    cancel: ignore,
    timerA: ignore,
    timerB: to('terminated', 'reportTimeout'),
    timerC: ignore,
    timerD: ignore,
    timerM: ignore,
    transportError: ignore,
  },
  accepted: {
    provisional: ignore,
    // RFC 6026 7.2: every 2xx goes up, since forks answer too and the ACK is the dialog's.
    success: to('accepted', 'report'),
    failure: ignore,
    cancel: ignore,
    timerA: ignore,
    timerB: ignore,
    timerC: ignore,
    timerD: ignore,
    timerM: to('terminated'),
    transportError: ignore,
  },
  completed: {
    provisional: ignore,
    success: ignore,
    failure: to('completed', 'repeatAck'),
    cancel: ignore,
    timerA: ignore,
    timerB: ignore,
    timerC: ignore,
    timerD: to('terminated'),
    timerM: ignore,
    // The failure has been reported; a retransmitted response gets the ACK again.
    transportError: ignore,
  },
  terminated: {
    provisional: ignore,
    success: ignore,
    failure: ignore,
    cancel: ignore,
    timerA: ignore,
    timerB: ignore,
    timerC: ignore,
    timerD: ignore,
    timerM: ignore,
    transportError: ignore,
  },
})

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

export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type NonInviteClientInput = 'provisional' | 'final' | 'timerE' | 'timerF' | 'timerK' | 'transportError'
export type NonInviteClientAction =
  'send' | 'startE' | 'startSlowE' | 'startK' | 'report' | 'reportTimeout' | 'reportTransportError'

/** RFC 3261 figure 6. */
export const nonInviteClient = machine<NonInviteClientState, NonInviteClientInput, NonInviteClientAction>({
  trying: {
    provisional: to('proceeding', 'report'),
    final: to('completed', 'startK', 'report'),
    timerE: to('trying', 'send', 'startE'),
    timerF: to('terminated', 'reportTimeout'),
    timerK: ignore,
    transportError: to('terminated', 'reportTransportError'),
  },
  proceeding: {
    provisional: to('proceeding', 'report'),
    final: to('completed', 'startK', 'report'),
    // 17.1.2.2: at T2 from now on.
    timerE: to('proceeding', 'send', 'startSlowE'),
    timerF: to('terminated', 'reportTimeout'),
    timerK: ignore,
    transportError: to('terminated', 'reportTransportError'),
  },
  completed: {
    provisional: ignore,
    final: ignore,
    timerE: ignore,
    timerF: ignore,
    timerK: to('terminated'),
    transportError: ignore,
  },
  terminated: {
    provisional: ignore,
    final: ignore,
    timerE: ignore,
    timerF: ignore,
    timerK: ignore,
    transportError: ignore,
  },
})

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type NonInviteServerInput = 'request' | 'provisional' | 'final' | 'timerF' | 'timerJ' | 'transportError'
export type NonInviteServerAction = 'send' | 'repeat' | 'startJ' | 'reportTimeout' | 'reportTransportError'

/**
 * RFC 3261 figure 8. The figure never ends a transaction that its user does not answer: here it ends when the peer's Timer F
 * (RFC 3261 17.1.2.2) has fired, after which no response would match; a late response is never sent (RFC 4320 4.2).
 */
export const nonInviteServer = machine<NonInviteServerState, NonInviteServerInput, NonInviteServerAction>({
  trying: {
    request: ignore,
    provisional: to('proceeding', 'send'),
    final: to('completed', 'send', 'startJ'),
    timerF: to('terminated', 'reportTimeout'),
    timerJ: ignore,
    transportError: ignore,
  },
  proceeding: {
    request: to('proceeding', 'repeat'),
    provisional: to('proceeding', 'send'),
    final: to('completed', 'send', 'startJ'),
    timerF: to('terminated', 'reportTimeout'),
    timerJ: ignore,
    transportError: to('terminated', 'reportTransportError'),
  },
  completed: {
    request: to('completed', 'repeat'),
    provisional: ignore,
    final: ignore,
    timerF: ignore,
    timerJ: to('terminated'),
    transportError: to('terminated', 'reportTransportError'),
  },
  terminated: {
    request: ignore,
    provisional: ignore,
    final: ignore,
    timerF: ignore,
    timerJ: ignore,
    transportError: ignore,
  },
})
