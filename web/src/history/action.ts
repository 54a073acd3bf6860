import type { AuditEntry } from '../api/client'
import { texts } from '../texts'

type Words = (facts: Readonly<Record<string, string>>) => string
/** What Baton does by itself, such as the rollback of a canary. */
const actions: Readonly<Record<string, ((place: string, what: string) => string) | undefined>> = texts.actions

/** Each request that has an entry, by its method and the template of its path, with a pattern that finds the facts in the path. */
const requests = Object.entries<Words>(texts.history.requests).map(([request, words]) => ({
  pattern: new RegExp(`^${request.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  words,
}))

/** What was asked for, as the pages name it; in the words of the API where they do not. */
export function actionText({ action, request, environment = '', before, after }: AuditEntry): string {
  const environments: Record<string, string> = texts.environment
  const place = environments[environment] ?? environment
  const what = wordOf(after) || wordOf(before)
  if (!request) return actions[action]?.(place, what) ?? action
  for (const { pattern, words } of requests) {
    const found = pattern.exec(`${request.method} ${request.path.split('?', 1)[0] ?? ''}`)
    if (!found) continue
    const facts = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decoded(value)] as const)

    return words({
      ...Object.fromEntries<string>(facts),
      environment: place,
      what: typeof after === 'number' ? what : '',
    })
  }

  return action
}

/** A version's number, or a switch in words. */
function wordOf(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : ''
}

/** A part of a path; as it stands there when it is not well-formed. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
