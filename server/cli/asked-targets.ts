import type { Logger } from 'winston'

import type { Settings } from '../../config/index.ts'
import { TimerWheel } from '../../engine/index.ts'
import type { Routing } from '../../routes/index.ts'
import type { CheckedTarget, CheckFinding } from '../checkup/index.ts'
import { createProbeStack } from '../sip/create-stack.ts'
import type { SipUser } from '../sip/stack.ts'
import { TargetWatch } from '../targets/index.ts'

const noop = (): void => undefined

/** Refuses whatever is sent to the ports of a check-up, which live for seconds. */
const refusing: SipUser = {
  invite: (invite) => {
    invite.reject(503)
  },
  request: (request) => {
    request.respond(503)
  },
  message: noop,
  connected: noop,
}

const noTables = {
  projects: () => [],
  running: () => [],
  on: () => noTables,
  off: () => noTables,
} as unknown as Routing

/** Asks every target of the settings and of the running releases once by OPTIONS, without a Baton that runs. */
export async function askedTargets(
  settings: Settings,
  routing: Routing | undefined,
): Promise<{ targets: readonly CheckedTarget[]; problem: CheckFinding[] }> {
  const clock = new TimerWheel()
  // The findings have all that the stack would log.
  const log = { error: noop, warn: noop, info: noop, debug: noop } as unknown as Logger
  const stack = createProbeStack(settings, log)
  const watch = new TargetWatch({
    ...{ trunks: settings.trunks, stack, clock },
    routing: routing ?? noTables,
    // Each is asked once, here, and not at an interval.
    probeInterval: 0,
  })
  try {
    await stack.start(refusing)
    watch.start()
    await watch.probeAll()

    return { targets: watch.list(), problem: [] }
  } catch (error) {
    const detail = `cannot ask agents, gateways and handoffs: ${(error as Error).message}`
    const hint = 'Correct what the other findings say of SIP_LISTEN and its certificates.'

    return { targets: [], problem: [{ check: 'sip', state: 'failed', detail, where: 'SIP_LISTEN', hint }] }
  } finally {
    watch.close()
    await stack.close()
    clock.clear()
  }
}
