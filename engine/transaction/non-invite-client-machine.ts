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
