import type { Logger } from 'winston'
import type { Settings } from '../../config/index.ts'
import type { Clock, OverloadBrake } from '../../engine/index.ts'
import { DrachtioStack } from './drachtio/index.ts'
import { EmbeddedStack } from './embedded/index.ts'
import { flowReuse } from './flow-reuse.ts'
import { sourcePolicy, type TrunksByAddress } from './source-policy.ts'
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
  if (drachtio)
    return new DrachtioStack({ meeting: { kind: 'connect', ...drachtio }, ...sip, clock, log, brake, sources })
  if (!drachtioListen) {
    return new EmbeddedStack({
      ...sip,
      reuse: flowReuse(sip, trunks),
      sources,
      log,
      brake,
    })
  }
  const { address, port, secret } = drachtioListen

  return new DrachtioStack({
    meeting: { kind: 'listen', host: address, port, secret },
    ...sip,
    clock,
    log,
    brake,
    sources,
  })
}

/**
 * A stack for one user agent of our own, on a free port: the embedded one, whatever Baton itself runs on.
 * @param baton where Baton is reached from this machine, whatever address it tells others
 */
export function createPartyStack(
  settings: Settings,
  at: Pick<SipAddress, 'address' | 'transport'>,
  baton: string,
  log: Logger,
): SipStack {
  const { timers, externalIp } = settings.sip
  const transport = at.transport === 'tcp' ? 'tcp' : 'udp'

  return new EmbeddedStack({
    listen: [{ transport, address: at.address, port: 0 }],
    userAgent: 'Baton rehearsal',
    aliases: new Map(externalIp === undefined ? [] : [[externalIp, baton]]),
    timers,
    log,
  })
}
