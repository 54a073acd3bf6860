export interface Health {
  live: boolean
  /** Baton takes new calls. */
  ready: boolean
  checks: HealthCheck[]
}

export interface HealthCheck {
  name: 'sip' | 'draining' | 'routes' | 'cdr' | 'history' | 'audit' | 'recovery' | 'media'
  ok: boolean
  /** `degraded`: calls go on without it. `failed`: Baton takes no calls. */
  state: 'ok' | 'degraded' | 'failed'
  detail?: string
}

/** The inputs of Baton's health; a problem is a text, undefined while there is none. */
export interface HealthInputs {
  live: boolean
  /** The fault of the SIP listeners, or of the connection to the drachtio server. */
  sipProblem: string | undefined
  draining: boolean
  /** The fault of the store of routing tables. */
  storeProblem: string | undefined
  /** The number of projects that calls can be routed by, from the store or the last good copies. */
  projects: number
  /** Why call detail records cannot be written. */
  cdrProblem: string | undefined
  /** Why ended calls cannot be kept for searches. */
  historyProblem: string | undefined
  /** Why the history of changes cannot be written. */
  auditProblem: string | undefined
  /** Why the calls that are up cannot be kept for a process after this one. */
  journalProblem: string | undefined
  /** Which media servers do not answer. */
  mediaProblem: string | undefined
}

/** Baton is ready while it can take calls, and degraded while it does so without a part. */
export function healthOf(inputs: HealthInputs): Health {
  const {
    live,
    sipProblem,
    draining,
    storeProblem,
    projects,
    cdrProblem,
    historyProblem,
    auditProblem,
    journalProblem,
    mediaProblem,
  } = inputs
  const checks = [
    check('sip', 'failed', sipProblem),
    check('draining', 'failed', draining ? 'no new calls are taken' : undefined),
    projects > 0
      ? check('routes', 'degraded', storeProblem && `calls go on with the last good tables: ${storeProblem}`)
      : check('routes', 'failed', storeProblem && `there are no tables to serve calls from: ${storeProblem}`),
    check('cdr', 'degraded', cdrProblem),
    check('history', 'degraded', historyProblem && `ended calls are not kept: ${historyProblem}`),
    check('audit', 'degraded', auditProblem && `changes are not in the history: ${auditProblem}`),
    check('recovery', 'degraded', journalProblem && `calls will not outlive this process: ${journalProblem}`),
    check('media', 'degraded', mediaProblem),
  ]

  return { live, ready: checks.every(({ state }) => state !== 'failed'), checks }
}

function check(name: HealthCheck['name'], bad: 'degraded' | 'failed', problem: string | undefined): HealthCheck {
  return problem === undefined ? { name, ok: true, state: 'ok' } : { name, ok: false, state: bad, detail: problem }
}
