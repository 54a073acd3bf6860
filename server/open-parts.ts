import { join } from 'node:path'
import type { Logger } from 'winston'
import type { Settings } from '../config/index.ts'
import { TimerWheel } from '../engine/index.ts'
import { createMetrics, type Metrics } from '../metrics/index.ts'
import { Routing } from '../routes/index.ts'
import { openAccounts, type Accounts } from './access/index.ts'
import { openAudio, type AudioStore } from './audio/index.ts'
import { Audit } from './audit/index.ts'
import { Contexts } from './context/index.ts'
import { Guard } from './guard.ts'
import { sipSetupOf } from './legs/trunks.ts'
import { openStore } from './open-store.ts'
import type { ReadFiles } from './project-files.ts'
import { Recovery, type StandbyCalls } from './recovery/index.ts'
import { createStandIns, type StandIns } from './rehearsal/index.ts'
import { openTargetStores, type TargetStores } from './targets/index.ts'
import { TwilioConnection } from './twilio/index.ts'
import { version } from './version.ts'
import { openDeadLetters, type DeadLetters } from './webhooks/index.ts'

/** The parts that must be opened before the others are built. */
export interface OpenedParts {
  settings: Settings
  log: Logger
  routing: Routing
  clock: TimerWheel
  metrics: Metrics
  /** Guards the delivery of webhooks. */
  guard: Guard
  deadLetters: DeadLetters | undefined
  accounts: Accounts
  audit: Audit
  targetStores: TargetStores
  contexts: Contexts
  audio: AudioStore
  twilio: TwilioConnection | undefined
  standIns: StandIns | undefined
  recovery: Recovery | undefined
}

/** Opens the stores, all beside each other: each waits for a while for a Redis that does not answer. Rejects with what is wrong and where. */
export async function openParts(
  settings: Settings,
  log: Logger,
  files: ReadFiles,
  standby: StandbyCalls | undefined,
): Promise<OpenedParts> {
  const clock = new TimerWheel()
  const metrics = createMetrics({ version })
  const guard = new Guard((error) => {
    metrics.exception('process')
    log.error('exception in the delivery of webhooks', { error })
  })
  const [routing, deadLetters, accounts, audit, targetStores, contexts, twilio] = await Promise.all([
    openRouting(settings, log),
    settings.webhook && openDeadLetters(settings, { clock, log, guard }),
    openAccounts(settings, log),
    Audit.open(settings, log),
    openTargetStores(settings, log),
    Contexts.open(settings, clock, log),
    settings.secretsKey === undefined ? undefined : TwilioConnection.open(settings, log),
  ])
  const [audio, recovery] = await Promise.all([
    openAudio(settings, { routing, clock, log }),
    Recovery.open(settings, routing, log, standby),
  ])
  const standIns = createStandIns(settings, files, { routing, clock, log })
  const stores = { recovery, deadLetters, accounts, audit, targetStores, contexts, audio, twilio }

  return { settings, log, routing, clock, metrics, guard, ...stores, standIns }
}

async function openRouting(settings: Settings, log: Logger): Promise<Routing> {
  const store = await openStore(settings, log)

  return Routing.open({ store, log, lastGoodDir: join(settings.dataDir, 'last-good'), sipSetup: sipSetupOf(settings) })
}
