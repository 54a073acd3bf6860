import type { Logger } from 'winston'

import { defined } from '../../base/defined.ts'
import type { Settings, Trunk, Overload } from '../../config/index.ts'
import {
  type Clock,
  OverloadBrake,
  type FlowReuse,
  type SourceLimits,
  type SourcePolicy,
  withInheritedSockets,
} from '../../engine/index.ts'
import { DrachtioStack } from './drachtio/index.ts'
import { EmbeddedStack } from './embedded/index.ts'
import type { SipAddress, SipStack } from './stack.ts'

/** The stack that the settings ask for. */
export function createStack(
  settings: Settings,
  trunks: TrunksByAddress,
  clock: Clock,
  log: Logger,
  brake: OverloadBrake,
): SipStack {
  const { sip, drachtio, drachtioListen } = settings
  const sources = sourcePolicy(settings, trunks)
  if (drachtio) return new DrachtioStack({ mode: { kind: 'connect', ...drachtio }, ...sip, clock, log, brake, sources })
  if (!drachtioListen) {
    return new EmbeddedStack({
      ...sip,
      listen: withInheritedSockets(sip.listen, process),
      reuse: flowReuse(sip, trunks),
      sources,
      log,
      brake,
    })
  }
  const { address, port, secret } = drachtioListen

  return new DrachtioStack({
    mode: { kind: 'listen', host: address, port, secret },
    ...sip,
    clock,
    log,
    brake,
    sources,
  })
}

/**
 * The stack of a synthetic user agent, on a free port. It is the embedded one, also where Baton uses a drachtio server.
 * @param baton the address at which this machine reaches Baton, whatever Baton's external address
 */
export function createPartyStack(
  settings: Settings,
  at: Pick<SipAddress, 'address' | 'transport'>,
  baton: string,
  log: Logger,
  userAgent = 'Baton rehearsal',
): SipStack {
  const { timers, externalIp } = settings.sip
  const transport = at.transport === 'tcp' ? 'tcp' : 'udp'

  return new EmbeddedStack({
    listen: [{ transport, address: at.address, port: 0 }],
    userAgent,
    aliases: new Map(externalIp === undefined ? [] : [[externalIp, baton]]),
    timers,
    log,
  })
}

/**
 * A stack that sends requests from free ports of Baton's addresses, beside a Baton or without one. It is the embedded one, also
 * where Baton uses a drachtio server: a second application there would be sent calls.
 */
export function createProbeStack({ sip, drachtio, drachtioListen }: Settings, log: Logger): SipStack {
  const { timers, externalIp, tls, userAgent } = sip
  const anywhere = [
    { transport: 'udp' as const, address: '0.0.0.0' },
    { transport: 'tcp' as const, address: '0.0.0.0' },
  ]
  const listeners = (drachtio ?? drachtioListen) ? anywhere : sip.listen
  const listen = listeners.map(({ transport, address }) => ({ transport, address, port: 0 }))

  return new EmbeddedStack({ listen, userAgent, timers, log, ...defined({ externalIp, tls }) })
}

/** The reuse of flows that the settings and each trunk ask for. */
export function flowReuse({ nat, reusesConnections }: Settings['sip'], trunks: TrunksByAddress): FlowReuse {
  return {
    followsSource: (address) => (trunks.of(address)?.nat ?? nat) === 'auto',
    keepsConnections: reusesConnections,
  }
}

/** Finds trunks by address and by name. */
export interface TrunksByAddress {
  of(address: string): Trunk | undefined
  named(name: string): Trunk | undefined
}

/** Each trunk has its limits; an address of no trunk has those of unknown sources. */
export function sourcePolicy({ sip, unknownSources }: Settings, trunks: TrunksByAddress): SourcePolicy {
  const { requestRate, connections, idle } = unknownSources
  const unknown = { requestRate, connections, idleTimeout: idle * 1000 }
  const limits = new Map<string, SourceLimits>()

  return {
    checksPeers: sip.dialogSources === 'peer',
    ownerOf: (address) => trunks.of(address)?.name,
    limitsOf: (owner) => {
      if (owner === undefined) return unknown
      const known = limits.get(owner)
      if (known) return known
      const trunk = trunks.named(owner)
      const made = { requestRate: trunk?.requestRate ?? 0, connections: trunk?.connections ?? 0, idleTimeout: 0 }
      limits.set(owner, made)

      return made
    },
  }
}

/** The overload brake of the settings. It logs each burst of refusals once. */
export function createBrake(overload: Overload, clock: Clock, log: Logger): OverloadBrake {
  return new OverloadBrake({
    ...overload,
    clock,
    began: (reason) => {
      log.warn('new calls are refused: there is no room for them', { reason })
    },
    ended: (refused) => {
      log.info('new calls are taken again', { refused })
    },
  })
}
