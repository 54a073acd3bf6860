import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { noteChange, withChanges } from './call-changes'
import type { Call } from './client'
import { keys } from './queries'

/** Events whose data has the call as it is after them. */
const callEvents = [
  'call.started',
  'call.answered',
  'call.recording',
  'call.ended',
  'transfer.requested',
  'transfer.progress',
  'transfer.ended',
  'transfer.amended',
]
/** The other types of `/v1/events`, with the queries whose answers each makes stale. */
const stale: Record<string, (project: string) => readonly QueryKey[]> = {
  'target.down': () => [keys.targets],
  'target.up': () => [keys.targets],
  'target.taken_out': () => [keys.targets],
  'target.enabled': () => [keys.targets],
  'routes.changed': (project) => [keys.projects, keys.project(project)],
  'routes.promoted': (project) => [keys.projects, keys.project(project), keys.targets],
  'routes.rolled_back': (project) => [keys.projects, keys.project(project)],
  'switch.set': (project) => [keys.project(project)],
  'switch.removed': (project) => [keys.project(project)],
  'switch.expired': (project) => [keys.project(project)],
}
/** What a Baton that has been started again says of the calls that were up before. */
export interface Restart {
  calls: number
  recovered: number
}

interface EventListeners {
  /** Whether the stream is open. */
  live: (isLive: boolean) => void
  restarted: (restart: Restart) => void
}

/** Events are gathered for this long, so that many in a row change the page once. */
const gatherMs = 250
/** The least time between two searches of ended calls: a search of the history is dear. */
const searchMs = 2_000
/** The time after which a stream that was refused, for instance for too many readers, is opened again. */
const reopenMs = 5_000

/**
 * Follows `/v1/events`. Calls on the page are replaced by those of their events; queries that other events make stale are sent
 * again. The browser reconnects by itself and names the last event that it saw; after a lost stream every query is sent again.
 *
 * @returns a function that closes the stream
 */
export function followEvents(client: QueryClient, { live, restarted }: EventListeners): () => void {
  const changes = new GatheredChanges(client)
  let source: EventSource
  let reopening: ReturnType<typeof setTimeout> | undefined
  let wasLost = false

  const open = (): void => {
    source = new EventSource('/v1/events')
    source.onopen = () => {
      live(true)
      if (wasLost) void client.invalidateQueries()
      // Events of before the stream was open are not sent: a list that was asked for earlier may lack them.
      else void client.invalidateQueries({ queryKey: keys.liveLists })
      wasLost = false
    }
    source.onerror = () => {
      wasLost = true
      live(false)
      if (source.readyState !== EventSource.CLOSED) return
      void client.invalidateQueries({ queryKey: ['session'] })
      reopening = setTimeout(open, reopenMs)
    }
    for (const type of callEvents) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => {
        const { call } = (JSON.parse(data) as { data: { call?: Call } }).data
        if (call) changes.addCall(call)
      })
    }
    source.addEventListener('process.restarted', ({ data }: MessageEvent<string>) => {
      restarted((JSON.parse(data) as { data: Restart }).data)
    })
    for (const [type, keysOf] of Object.entries(stale)) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => {
        const { project } = JSON.parse(data) as { project: string }
        changes.addStale(keysOf(project))
      })
    }
  }
  open()

  return () => {
    clearTimeout(reopening)
    changes.close()
    source.close()
  }
}

/** The changes that events have told, until the pages show them. */
class GatheredChanges {
  readonly #client: QueryClient
  #calls = new Map<string, Call>()
  readonly #stale = new Map<string, QueryKey>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #searching: ReturnType<typeof setTimeout> | undefined

  constructor(client: QueryClient) {
    this.#client = client
  }

  addCall(call: Call): void {
    noteChange(call)
    this.#calls.set(call.id, call)
    this.#timer ??= setTimeout(() => {
      this.#apply()
    }, gatherMs)
  }

  addStale(queryKeys: readonly QueryKey[]): void {
    for (const key of queryKeys) this.#stale.set(JSON.stringify(key), key)
    this.#timer ??= setTimeout(() => {
      this.#apply()
    }, gatherMs)
  }

  close(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#searching)
  }

  #apply(): void {
    this.#timer = undefined
    for (const queryKey of this.#stale.values()) void this.#client.invalidateQueries({ queryKey })
    this.#stale.clear()
    if (this.#calls.size === 0) return
    const changed = this.#calls
    this.#calls = new Map()
    for (const [project, calls] of byProject(changed)) {
      this.#client.setQueryData<readonly Call[]>(keys.liveCalls(project), (shown) => shown && withChanges(shown, calls))
    }
    for (const call of changed.values()) this.#show(call)
    this.#searching ??= setTimeout(() => {
      this.#searching = undefined
      void this.#client.invalidateQueries({ queryKey: keys.foundCalls })
    }, searchMs)
  }

  /** The page of one call, where it is or was open. */
  #show(call: Call): void {
    const key = keys.callView(call.id)
    if (!this.#client.getQueryState(key)) return
    this.#client.setQueryData<Call>(key, call)
    void this.#client.invalidateQueries({ queryKey: keys.callMessages(call.id) })
  }
}

function byProject(calls: ReadonlyMap<string, Call>): Map<string, Map<string, Call>> {
  const projects = new Map<string, Map<string, Call>>()
  for (const [id, call] of calls) {
    const ofProject = projects.get(call.project) ?? new Map<string, Call>()
    projects.set(call.project, ofProject.set(id, call))
  }

  return projects
}
