import type { EngineStats, Metrics, SipStats } from '../../metrics/index.ts'

/** A Baton that has seen a little of everything, `rounds` times over. */
export class KnownNumbers {
  rounds = 0
  readonly #metrics: Metrics
  readonly #place = { project: 'demo', environment: 'live' }

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    metrics.collect.active(() => ({
      calls: [this.#place, this.#place, this.#place],
      silent: [],
      transfers: [this.#place],
    }))
    metrics.collect.routeStaleness(() => 2)
    metrics.collect.readiness(() => ({ ready: true, draining: false, degraded: [] }))
    metrics.collect.sip(() => this.stats)
    metrics.collect.engine(() => this.stats)
    metrics.collect.overload(() => new Map([['rate', this.rounds]]))
    metrics.collect.media(() => ({
      servers: [{ name: '192.0.2.9:2223', isUp: true, sessions: 2 }],
      legs: new Map([['encryption anchored', this.rounds]]),
      silent: new Map([['party', this.rounds]]),
      commands: new Map([
        ['offer ok', this.rounds],
        ['offer timeout', this.rounds],
      ]),
    }))
    metrics.collect.records(() => ({ waiting: 0, lost: this.rounds }))
    metrics.collect.webhooks(() => ({
      ...{ waiting: 3, deadLetters: 2, oldestSeconds: 90 },
      counts: { delivered: this.rounds, failed: 1, dropped: 1 },
    }))
    metrics.collect.journalErrors(() => ({ disk: this.rounds, redis: 0 }))
    metrics.collect.leaseLost(() => false)
    metrics.collect.certificates(() => new Map([['/etc/baton/sip.pem', Date.now() / 1000 + 1_000_000]]))
    metrics.collect.switches(() => [{ ...this.#place, action: 'close', until: Infinity }])
    metrics.collect.refusals(() => [
      { kind: 'agent', target: 'udp:192.0.2.1:5060', reason: 'target_down', count: this.rounds },
    ])
    metrics.collect.caps(() => [{ trunk: 'carrier', prefix: '+44', used: 50, callsPerDay: 200 }])
    metrics.collect.targets(() => ({
      targets: [
        {
          labels: { kind: 'agent', target: 'udp:192.0.2.1:5060' },
          up: true,
          rtt: 0.01,
          calls: 3,
          certificateExpiry: 1_900_000_000,
        },
      ],
      agentsUp: [{ ...this.#place, up: 1 }],
    }))
    metrics.setRouteVersion('demo', 'live', 7)
    metrics.setRouteVersion('demo', 'sandbox', 8)
  }

  /** Ten calls, six of them transferred: four successes, one of which was proved late, one failure, one abandoned. */
  round(): void {
    const { project, environment } = this.#place
    this.rounds++
    for (let i = 0; i < 8; i++) {
      this.#metrics.callEnded(
        { project, environment, result: 'answered', reason: 'hangup', sipStatus: 200 },
        { setup: 0.2, ringingAfter: 0.1, ring: 0.1 },
      )
    }
    this.#metrics.callEnded({ project, environment, result: 'failed', reason: 'no_agent', sipStatus: 503 })
    this.#metrics.agentAttempt({ project, environment, result: 'failed', reason: 'no_response' })
    this.#metrics.callEnded({ result: 'rejected', reason: 'unknown_number', sipStatus: 404 })
    for (let i = 0; i < 3; i++) this.#transfer('front-desk', 'refer', 'succeeded', 'answered', 200)
    this.#transfer('front-desk', 'refer', 'unknown', 'no_notify', 202)
    this.#metrics.transferAmended(
      { project, environment, handoff: 'front-desk', method: 'refer', result: 'succeeded', reason: 'answered' },
      { result: 'unknown', reason: 'no_notify' },
    )
    this.#transfer('front-desk', 'invite', 'failed', 'busy', 486)
    this.#transfer('duty-manager', 'refer', 'abandoned', 'caller_hung_up')
    this.#metrics.transferAttempt({
      project,
      environment,
      handoff: 'front-desk',
      method: 'refer',
      result: 'failed',
      code: 405,
    })
    this.#metrics.httpAnswered({ listener: 'api', route: '/v1/calls', method: 'GET', status: 200 })
    this.#metrics.exception('request')
    this.#metrics.routeLookup('hit')
    this.#metrics.unknownVariables(project, environment)
    this.#metrics.routeRejected()
  }

  get stats(): SipStats & EngineStats {
    const n = this.rounds

    return {
      requestsIn: new Map([
        ['INVITE', 10 * n],
        ['BYE', 8 * n],
        ['NOTIFY', 12 * n],
      ]),
      requestsOut: new Map([
        ['INVITE', 9 * n],
        ['REFER', 6 * n],
      ]),
      responsesIn: new Map([
        ['REFER 202', 5 * n],
        ['REFER 405', n],
        ['INVITE 486', n],
        ['INVITE 603', n],
      ]),
      responsesOut: new Map([
        ['INVITE 200', 8 * n],
        ['INVITE 401', n],
        ['INVITE 404', n],
        ['INVITE 503', n],
      ]),
      clientTransactions: 4,
      serverTransactions: 3,
      dialogs: 6,
      timers: 5,
      messagesIn: 30 * n,
      messagesOut: 30 * n,
      retransmittedRequests: n,
      retransmittedResponses: n,
      badMessages: new Map([['no_via', n]]),
      passedOverHeaders: new Map([['no_header_name', 2]]),
      udpReceiveErrors: { of: 'listeners', count: n },
      drops: new Map([['unknown_dialog', n]]),
    }
  }

  #transfer(
    handoff: string,
    method: 'refer' | 'invite',
    result: 'succeeded' | 'failed' | 'abandoned' | 'unknown',
    reason: string,
    code?: number,
  ): void {
    this.#metrics.transferEnded({ ...this.#place, handoff, method, result, reason }, 1.5)
    this.#metrics.transferAttempt({ ...this.#place, handoff, method, result, code })
  }
}
