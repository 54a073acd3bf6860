import type { QueryClient } from '@tanstack/react-query'
import { keys } from './queries'

/** The types of `/v1/events` and what each makes old. */
const stale: Record<string, (project: string) => readonly (readonly unknown[])[]> = {
  'call.started': () => [keys.calls],
  'call.answered': () => [keys.calls],
  'call.ended': () => [keys.calls],
  'transfer.requested': () => [keys.calls],
  'transfer.progress': () => [keys.calls],
  'transfer.ended': () => [keys.calls],
  'transfer.amended': () => [keys.calls],
  'target.down': () => [keys.targets],
  'target.up': () => [keys.targets],
  'routes.changed': (project) => [keys.projects, keys.project(project)],
  'routes.promoted': (project) => [keys.projects, keys.project(project), keys.targets],
  'routes.rolled_back': (project) => [keys.projects, keys.project(project)],
  'switch.set': (project) => [keys.project(project)],
  'switch.removed': (project) => [keys.project(project)],
  'switch.expired': (project) => [keys.project(project)],
}
/** Many events in a row make one request. */
const gatherMs = 250

/**
 * Follows `/v1/events`: what an event makes old is asked for again. The browser reconnects by itself and names the last event
 * that it saw; what was missed beyond that is asked for again as a whole.
 *
 * @param tell hears whether the pages are live
 * @returns what ends it
 */
export function followEvents(client: QueryClient, tell: (isLive: boolean) => void): () => void {
  const source = new EventSource('/v1/events')
  const waiting = new Map<string, readonly unknown[]>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let wasLost = false

  const flush = (): void => {
    timer = undefined
    for (const queryKey of waiting.values()) void client.invalidateQueries({ queryKey })
    waiting.clear()
  }
  source.onopen = () => {
    tell(true)
    if (wasLost) void client.invalidateQueries()
    wasLost = false
  }
  source.onerror = () => {
    wasLost = true
    tell(false)
    // An answer such as 401 closes it for good.
    if (source.readyState === EventSource.CLOSED) void client.invalidateQueries({ queryKey: ['session'] })
  }
  for (const [type, keysOf] of Object.entries(stale)) {
    source.addEventListener(type, ({ data }: MessageEvent<string>) => {
      const { project } = JSON.parse(data) as { project: string }
      for (const key of keysOf(project)) waiting.set(JSON.stringify(key), key)
      timer ??= setTimeout(flush, gatherMs)
    })
  }

  return () => {
    clearTimeout(timer)
    source.close()
  }
}
