import type { Recovery } from './recovery/index.ts'
import type { OverloadBrake } from '../engine/index.ts'
import type { Metrics } from '../metrics/index.ts'
import type { Routing } from '../routes/index.ts'
import type { Audit } from './audit/index.ts'
import type { Calls } from './calls/calls.ts'
import type { Cdrs } from './calls/cdr.ts'
import type { Contexts } from './context/index.ts'
import type { Health } from './health.ts'
import type { Homer } from './hep/index.ts'
import type { CallHistory } from './history/index.ts'
import type { DailyCaps, Limits } from './limits/index.ts'
import type { MediaAnchors } from './media/index.ts'
import type { SipStack } from './sip/stack.ts'
import { targetIdOf, type TargetWatch } from './targets/index.ts'
import type { DeadLetters, Webhooks } from './webhooks/index.ts'

/** The parts of a Baton whose numbers are read at each scrape. */
interface CollectedParts {
  routing: Routing
  calls: Calls
  stack: SipStack
  brake: OverloadBrake
  targets: TargetWatch
  limits: Limits
  caps: DailyCaps
  cdrs: Cdrs
  audit: Audit
  history: CallHistory | undefined
  contexts: Contexts
  homer: Homer | undefined
  webhooks: Webhooks | undefined
  recovery: Recovery | undefined
  deadLetters: DeadLetters | undefined
  media: MediaAnchors | undefined
  /** In seconds since 1970, by file. */
  certificateExpiries: () => ReadonlyMap<string, number>
  health: () => Health
}

/** Has the metrics read, at each scrape, the numbers that these parts keep. */
export function collectMetrics(metrics: Metrics, parts: CollectedParts): void {
  const { routing, calls, stack, brake, targets, limits, caps } = parts
  const { cdrs, audit, recovery, contexts, history, homer, webhooks, deadLetters, media, certificateExpiries, health } =
    parts
  metrics.collect.sip(() => calls.traffic)
  metrics.collect.unknownSources(() => calls.unknownSources)
  metrics.collect.ladders(() => calls.ladderBytes)
  metrics.collect.records(() => cdrs)
  metrics.collect.journalErrors(() => recovery?.errors ?? { disk: 0, redis: 0 })
  metrics.collect.leaseLost(() => recovery?.lostProblem !== undefined)
  metrics.collect.lostAuditEntries(() => audit.lost)
  metrics.collect.history(() => history?.counts ?? { calls: 0, bytes: 0, lost: 0 })
  metrics.collect.certificates(() => certificateExpiries())
  metrics.collect.webhooks(() => {
    const { delivered = 0, failed = 0 } = webhooks?.counts ?? {}
    const { size = 0, oldestSeconds = 0, dropped = 0 } = deadLetters ?? {}

    return {
      waiting: webhooks?.waiting ?? 0,
      deadLetters: size,
      oldestSeconds,
      counts: { delivered, failed, dropped },
    }
  })
  metrics.collect.refusals(() => [
    ...Array.from(limits.refusals, ({ need: { kind, name }, count }) => {
      if (kind === 'cap') return { kind: 'trunk' as const, target: name, reason: 'daily_cap', count }

      return { kind, target: targetIdOf(name) ?? name, reason: 'overflow', count }
    }),
    ...targets.refusals(),
  ])
  metrics.collect.contexts(() => contexts.counts)
  metrics.collect.caps(() => caps.list())
  metrics.collect.targets(() => targets.samples())
  metrics.collect.media(() => {
    const { servers = [], counts: commands = new Map() } = media?.port ?? {}

    return { servers, commands, legs: media?.counts ?? new Map(), silent: media?.silent ?? new Map() }
  })
  metrics.collect.hep(() => homer?.counts ?? { sent: 0, dropped: 0 })
  metrics.collect.overload(() => brake.counts)
  metrics.collect.authentications(() => calls.authentication.counts)
  metrics.collect.active(() => ({
    calls: calls.live,
    silent: calls.silent,
    transfers: [...calls.live].filter(({ state }) => state === 'transferring'),
  }))
  metrics.collect.switches(() => routing.switches.active())
  metrics.collect.routeStaleness(() => routing.health().stalenessSeconds)
  for (let left = routing.health().rejected; left > 0; left--) metrics.routeRejected()
  routing.on('rejected', () => {
    metrics.routeRejected()
  })
  metrics.collect.readiness(() => {
    const { ready, checks } = health()
    const degraded = checks.flatMap(({ name, state }) => (state === 'degraded' ? [name] : []))

    return { ready, draining: calls.draining, degraded }
  })
  const { engineStats } = stack
  if (engineStats) {
    metrics.collect.engine(() => {
      const { requestsIn, requestsOut, responsesIn, responsesOut } = calls.traffic

      return { requestsIn, requestsOut, responsesIn, responsesOut, ...engineStats() }
    })
  }
}
