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
    // Nothing is being sent: responses may still come, and Timer C ends the transaction otherwise.
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
