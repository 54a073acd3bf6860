import type { Logger } from 'winston'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import type { ProjectFile, Routing } from '../../routes/index.ts'
import { createPartyStack } from '../sip/create-stack.ts'
import type { SipStack } from '../sip/stack.ts'
import { standInAddresses } from './stand-in-addresses.ts'
import { StandInStack } from './stand-in-stack.ts'
import { StandIns } from './stand-ins.ts'

/** The stand-ins of these project files; undefined where STAND_INS is off. */
export function createStandIns(
  settings: Settings,
  files: readonly { project: ProjectFile }[],
  { routing, clock, log }: { routing: Routing; clock: Clock; log: Logger },
): StandIns | undefined {
  if (!settings.standIns) return undefined
  const loopback = { address: '127.0.0.1', transport: 'udp' } as const

  return new StandIns({
    ...{ clock, log },
    addresses: standInAddresses(files.map(({ project }) => project)),
    stack: createPartyStack(settings, loopback, loopback.address, log, 'Baton stand-in'),
    defaultHandoff: (project, environment) => {
      const pinned = routing.current(project, environment)

      return typeof pinned === 'object' ? pinned.default.name : undefined
    },
  })
}

/** The stack itself, or one whose requests reach the stand-ins. */
export function withStandIns(stack: SipStack, standIns: StandIns | undefined): SipStack {
  return standIns ? new StandInStack(stack, standIns) : stack
}
