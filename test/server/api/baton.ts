import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileStore, Routing } from '../../../routes/index.ts'
import { buildApi, type Api, type ApiParts, type CallHandle } from '../../../server/api/index.ts'
import { loadSettings, type Settings } from '../../../config/index.ts'
import { Events } from '../../../server/calls/events.ts'
import { listenersOf } from '../../../server/explain/explained-call.ts'
import { Explainer } from '../../../server/explain/explainer.ts'
import type { CallView, RecordingView } from '../../../server/legs/views.ts'
import type { DeadLetter } from '../../../server/webhooks/index.ts'
import { checkAnswers } from './described-answers.ts'
import { TransferRefused } from '../../../server/transfer/transfer-plan.ts'

export const demo = `project: demo
environments:
  sandbox: { numbers: ["+14155550199"], agents: ["sip:agent@127.0.0.1:5090"] }
  live: { numbers: ["+14155550100"], agents: ["sip:agent@127.0.0.1:5090"], variables: { region: west, account: "7" } }
table:
  handoffs:
    - name: front-desk
      default: true
      route: "sip:front-desk@127.0.0.1:5092"
      headers: { X-Caller: $caller_id, X-Account: "acct-\${account:-none}", X-Env: $environment }
      on_failure: [duty-manager]
    - { name: duty-manager, method: invite, route: "sip:duty@127.0.0.1:5093", ring_timeout: 20 }
`

/** An API on a real file store in a folder of its own, with the calls that are given. */
export interface TestApi {
  api: Api
  routing: Routing
  events: Events
  dir: string
  calls: Map<string, CallHandle>
  logged: [message: string, fields: object | undefined][]
  close(): Promise<void>
}

export async function startApi(
  overrides: Partial<ApiParts> = {},
  settings: Settings = loadSettings({ env: {} }),
): Promise<TestApi> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-api-'))
  const routing = await Routing.open({ store: await FileStore.open({ dir }) })
  const events = new Events()
  const calls = new Map<string, CallHandle>()
  const logged: TestApi['logged'] = []
  const note = (message: string, fields?: object) => logged.push([message, fields])
  const api = await buildApi({
    version: '0.0.0-test',
    routing,
    events,
    calls: {
      all: () => [...calls.values()],
      get: (id) => calls.get(id),
    },
    explainer: new Explainer({ settings, listeners: () => listenersOf(settings, []) }),
    health: () => ({ live: true, ready: true, checks: [] }),
    log: { info: note, warn: note, error: note },
    ...overrides,
  })
  api.inject = checkAnswers(api)

  return {
    api,
    routing,
    events,
    dir,
    calls,
    logged,
    close: async () => {
      await api.close()
      await routing.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export function callView(fields: Partial<CallView> = {}): CallView {
  return {
    id: 'call-1',
    project: 'demo',
    environment: 'live',
    version: 1,
    trunk: 'local',
    node: 'baton-1',
    source: { transport: 'udp', address: '127.0.0.1', port: 5080 },
    state: 'connected',
    caller: { uri: 'sip:+14155550123@127.0.0.1', callId: 'a@127.0.0.1', number: '+14155550123' },
    called: '+14155550100',
    agent: { uri: 'sip:agent@127.0.0.1:5090', callId: 'b@127.0.0.1' },
    startedAt: '2026-01-05T09:00:00.000Z',
    answeredAt: '2026-01-05T09:00:01.000Z',
    transfers: [],
    ...fields,
  }
}

/** A call that takes one transfer at a time, as the real ones do. */
export class FakeCall implements CallHandle {
  readonly recorded: string[] = []
  readonly requests: unknown[] = []
  hungUp = 0
  #view: CallView

  constructor(view: CallView) {
    this.#view = view
  }

  get id(): string {
    return this.#view.id
  }

  get startedAt(): number {
    return Date.parse(this.#view.startedAt)
  }

  get project(): string {
    return this.#view.project
  }

  get environment(): string {
    return this.#view.environment
  }

  get state(): CallView['state'] {
    return this.#view.state
  }

  view(): CallView {
    return this.#view
  }

  ladder(): ReturnType<CallHandle['ladder']> {
    const [local, remote] = ['127.0.0.1:5060', '127.0.0.1:5061']
    const text = 'INVITE sip:+14155550100@127.0.0.1 SIP/2.0\r\nCall-ID: a@127.0.0.1\r\n\r\n'

    return {
      messages: [
        { at: '2026-01-05T09:00:00.000Z', leg: 'caller', direction: 'in', local, remote, transport: 'udp', text },
      ],
    }
  }

  setState(state: string, detail?: string): void {
    const at = '2026-01-05T09:00:01.000Z'
    const states = [...(this.#view.states ?? []), { at, state, ...(detail !== undefined && { detail }) }]
    this.#view = { ...this.#view, states }
  }

  transfer(request: Parameters<CallHandle['transfer']>[0]): { id: string; joined: boolean } {
    const running = this.#view.transfers[0]
    if (running && running.handoff !== request.handoff) throw TransferRefused.running(running.handoff)
    if (running) return { id: running.id, joined: true }
    this.requests.push(request)
    const { handoff } = request
    const id = `transfer-${this.requests.length}`
    const startedAt = '2026-01-05T09:01:00.000Z'
    this.#view = {
      ...this.#view,
      state: 'transferring',
      transfers: [
        { id, handoff, requestedHandoff: handoff, requestedBy: 'api', state: 'running', startedAt, attempts: [] },
      ],
    }

    return { id, joined: false }
  }

  /** The running transfer is over, and the caller is with the agent again. */
  forget(): void {
    this.#view = { ...this.#view, state: 'connected', transfers: [] }
  }

  cancelTransfer(): { id: string } {
    const running = this.#view.transfers[0]
    if (!running) throw TransferRefused.noneRuns()
    this.forget()

    return { id: running.id }
  }

  decideTransfer(decision: string): { id: string } {
    const running = this.#view.transfers[0]
    if (!running) throw TransferRefused.noneRuns()
    this.requests.push(decision)

    return { id: running.id }
  }

  record(action: string): Promise<RecordingView> {
    this.recorded.push(action)

    return Promise.resolve({ state: action === 'pause' ? 'paused' : 'recording', files: [] })
  }

  hangup(): void {
    this.hungUp++
  }
}

export const deadLetter: DeadLetter = {
  id: 'a1b2c3d4-7',
  event: {
    ...{ id: 7, type: 'call.ended', at: '2026-01-05T09:02:00.000Z', project: 'demo', environment: 'live' },
    ...{ callId: 'call-1', data: {} },
  },
  attempts: 4,
  problem: 'it answered 400',
  failedAt: '2026-01-05T09:02:07.000Z',
}

/** A webhook with these dead letters, whose receiver takes no event. */
export function webhooksWith(...dead: DeadLetter[]): NonNullable<ApiParts['webhooks']> {
  const letters = new Map(dead.map((letter) => [letter.id, letter]))
  const replaying = new Set<string>()

  return {
    letters: {
      get all() {
        return letters.values()
      },
      get: (id) => letters.get(id),
      delete: (id) => letters.delete(id),
      refresh: () => Promise.resolve(),
    },
    delivery: { replay: ({ id }) => void replaying.add(id), isReplaying: (id) => replaying.has(id) },
  }
}

export const yaml = { 'content-type': 'application/yaml' }

/** The demo project, published and promoted to both environments. */
export async function promoteDemo({ api }: TestApi): Promise<void> {
  const answers = [
    await api.inject({ method: 'PUT', url: '/v1/projects/demo', headers: yaml, payload: demo }),
    await api.inject({ method: 'POST', url: '/v1/projects/demo/versions', payload: { message: 'first' } }),
    await api.inject({ method: 'POST', url: '/v1/projects/demo/environments/live/promote', payload: { version: 1 } }),
    await api.inject({
      method: 'POST',
      url: '/v1/projects/demo/environments/sandbox/promote',
      payload: { version: 1 },
    }),
  ]
  for (const { statusCode, body } of answers) if (statusCode >= 300) throw new Error(body)
}
