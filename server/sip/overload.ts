import type { Logger } from 'winston'
import type { Overload } from '../../config/index.ts'
import { type Clock, OverloadBrake } from '../../engine/index.ts'

/** The brake that the settings ask for; it tells of each burst of refusals once. */
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
