import { ignore, machine, to } from '../state-machine.ts'

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
