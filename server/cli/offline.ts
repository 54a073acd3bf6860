import { defined } from '../../base/defined.ts'
import type { Settings } from '../../config/index.ts'
import { Routing } from '../../routes/index.ts'
import { openAudioStore } from '../audio/index.ts'
import { Audit } from '../audit/index.ts'
import { buildApi } from '../api/index.ts'
import { Events } from '../calls/events.ts'
import { listenersOf } from '../explain/explained-call.ts'
import { sipSetupOf } from '../legs/trunks.ts'
import { Explainer } from '../explain/explainer.ts'
import { openStore } from '../open-store.ts'
import { version } from '../version.ts'
import type { ApiAnswer, ApiRequest } from './api-request.ts'

/** The API on the configured store, in this process: for routing tables, while no Baton runs. */
export interface Offline {
  answer: (request: ApiRequest) => Promise<ApiAnswer>
  close: () => Promise<void>
}

/** Resolves with a message when the store cannot be read. `warn` gets the store's warnings. */
export async function openOffline(settings: Settings, warn: (message: string) => void): Promise<Offline | string> {
  const log = { info: () => undefined, debug: () => undefined, warn, error: warn }
  const routing = await Routing.open({ store: await openStore(settings, log), log, sipSetup: sipSetupOf(settings) })
  const { ok, problems } = routing.health()
  if (!ok && routing.projects().length === 0) {
    await routing.close()

    return problems.join('\n')
  }

  const audit = await Audit.open(settings, log)
  const audio = await openAudioStore(settings)
  const api = await buildApi({
    version,
    routing,
    audit,
    audio,
    log,
    events: new Events(),
    calls: { all: () => [], get: () => undefined },
    explainer: new Explainer({ settings, listeners: () => listenersOf(settings, []) }),
    health: () => ({ live: true, ready: false, checks: [] }),
  })

  return {
    answer: async ({ method, path, headers, body }) => {
      const answer = await api.inject({
        method,
        url: path,
        remoteAddress: 'cli',
        headers: headers ?? {},
        ...defined({ payload: body }),
      })

      const { 'content-type': type, etag } = answer.headers

      return {
        ...{ status: answer.statusCode, type: String(type), etag: etag?.toString() },
        ...{ text: answer.body, bytes: answer.rawPayload },
      }
    },
    close: async () => {
      await api.close()
      await routing.close()
      await audit.close()
      audio.close()
    },
  }
}
