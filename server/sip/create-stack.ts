import type { Logger } from 'winston'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import { EmbeddedStack } from './embedded/index.ts'
import type { SipAddress, SipStack } from './stack.ts'

/** The stack that the settings ask for. */
export function createStack(settings: Settings, clock: Clock, log: Logger): SipStack {
  return new EmbeddedStack({ ...settings.sip, clock, log })
}

/** A stack for one user agent of our own, on a free port: the embedded one, whatever Baton itself runs on. */
export function createPartyStack(
  settings: Settings,
  at: Pick<SipAddress, 'address' | 'transport'>,
  clock: Clock,
  log: Logger,
): SipStack {
  const { timers } = settings.sip
  const transport = at.transport === 'tcp' ? 'tcp' : 'udp'

  return new EmbeddedStack({
    listen: [{ transport, address: at.address, port: 0 }],
    userAgent: 'Baton rehearsal',
    timers,
    clock,
    log,
  })
}
