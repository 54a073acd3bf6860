import type { Logger } from 'winston'
import type { Metrics } from '../metrics/index.ts'
import { describeSwitch, type Routing } from '../routes/index.ts'
import type { Calls } from './calls/calls.ts'
import type { Events } from './calls/events.ts'
import type { Recovery } from './recovery/index.ts'
import type { SipStack } from './sip/stack.ts'
import { targetView, type TargetChange, type WatchedTarget } from './targets/index.ts'

interface AnnouncingParts {
  routing: Routing
  metrics: Metrics
  events: Events
  log: Logger
}

/** Logs a change of a target, and tells it as an event. A target belongs to no project: several may name it. */
export function announceTarget(
  target: WatchedTarget,
  change: TargetChange,
  { events, log }: Pick<AnnouncingParts, 'events' | 'log'>,
): void {
  const { id, kind, reason, usedBy } = target
  const what = { down: 'down', up: 'up', out: 'taken_out', in: 'enabled' } as const
  log[change === 'down' ? 'warn' : 'info'](`target ${what[change]}`, { target: id, kind, reason, usedBy })
  events.emit(`target.${what[change]}`, () => ({
    ...{ project: 'none', environment: 'none' },
    data: { target: targetView(target) },
  }))
}

/** Logs promotions, rollbacks and switches from now on, and tells them as events; the metrics have the versions that run. */
export function announceRoutes({ routing, metrics, events, log }: AnnouncingParts): void {
  const setVersions = (name: string): void => {
    for (const environment of Object.keys(routing.project(name).environments)) {
      metrics.setRouteVersion(name, environment, routing.servedVersion(name, environment))
    }
  }
  for (const { project } of routing.projects()) setVersions(project)
  routing.on('changed', (project) => {
    setVersions(project)
    events.emit('routes.changed', () => ({ project, environment: '', data: {} }))
  })
  routing.on('promoted', ({ project, environment, previous, entry, ...promoted }) => {
    const data = { version: promoted.version, previous, entry }
    const type = entry.action === 'rollback' ? 'routes.rolled_back' : 'routes.promoted'
    log.info(type, { project, environment, version: promoted.version, previous, who: entry.who, why: entry.why })
    events.emit(type, () => ({ project, environment, data }))
  })
  routing.on('switched', ({ type, project, environment, switch: one, entry }) => {
    const event = `switch.${type}` as const
    log.info(event, { project, environment, what: describeSwitch(one), switchId: one.id, who: entry.who })
    events.emit(event, () => ({ project, environment, data: { switch: one, entry } }))
  })
}

interface LeaseParts {
  recovery: Recovery | undefined
  calls: Pick<Calls, 'forget'>
  stack: Pick<SipStack, 'close'>
  log: Logger
}

/** A Baton whose address another one has taken over must not speak for its calls any more: its SIP sockets are closed. */
export function followLease({ recovery, calls, stack, log }: LeaseParts): void {
  recovery?.onLost((node) => {
    log.error('another Baton has taken over the address of this one: its SIP sockets are closed', { node })
    calls.forget()
    stack.close().catch((error: unknown) => log.error('SIP sockets cannot be closed', { error }))
  })
}
