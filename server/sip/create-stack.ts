import type { Logger } from 'winston'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import { EmbeddedStack } from './embedded/index.ts'
import type { SipStack } from './stack.ts'

/** The stack that the settings ask for. */
export function createStack(settings: Settings, clock: Clock, log: Logger): SipStack {
  return new EmbeddedStack({ ...settings.sip, clock, log })
}
