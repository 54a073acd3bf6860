import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from 'winston'
import { loadSettings } from '../../../config/index.ts'
import { App } from '../../../server/app.ts'

export interface TestBaton {
  app: App
  close(): Promise<void>
}

const actor = { who: 'test', from: 'test' }

/** A whole Baton on free ports, serving this project; its log goes nowhere. `file` is its YAML file. */
export async function serve(project: object, env: Record<string, string> = {}, file: object = {}): Promise<TestBaton> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-rehearsal-'))
  const config = join(folder, 'baton.yaml')
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(file))
  const settings = loadSettings({
    env: {
      BATON_CONFIG: config,
      DATA_DIR: folder,
      SIP_LISTEN: 'udp:127.0.0.1:0',
      OVERLOAD_LAG: '0',
      HTTP_LISTEN: '127.0.0.1:0',
      METRICS_LISTEN: '127.0.0.1:0',
      ...env,
    },
  })
  const app = await App.create(settings, createLogger({ silent: true }))
  await app.start()
  await app.routing.putProject('shop', { text: JSON.stringify(project), type: 'json' }, actor)
  const { version } = await app.routing.publish('shop', actor)
  await app.routing.promote('shop', 'sandbox', { version }, actor)

  return {
    app,
    close: async () => {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A project with these handoffs; the first is the default. No agent or destination listens. */
export function shop(handoffs: readonly object[], more: object = {}): object {
  return {
    project: 'shop',
    environments: {
      sandbox: { numbers: ['+14155550199'], agents: ['sip:agent@127.0.0.1:9'], variables: { region: 'west' } },
      live: { numbers: ['+14155550100'], agents: ['sip:agent@127.0.0.1:9'] },
    },
    table: { handoffs: handoffs.map((handoff, at) => ({ ...(at === 0 && { default: true }), ...handoff })) },
    ...more,
  }
}
