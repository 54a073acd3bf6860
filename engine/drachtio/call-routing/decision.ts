/** What a web server has decided on a request. */
export type Decision =
  | { action: 'reject'; status: number; reason: string | undefined }
  | { action: 'redirect'; contacts: readonly string[] }
  | { action: 'proxy'; proxy: ProxyDecision }
  | { action: 'route'; uri: string }
  | { action: 'tag'; tag: string }

export interface ProxyDecision {
  targets: readonly string[]
  recordRoute: boolean
  followRedirects: boolean
  simultaneous: boolean
  provisionalTimeout: string
  finalTimeout: string
}

type Json = Readonly<Record<string, unknown>>

/** Reads `{"action": …, "data": {…}}`. Undefined when it is none. */
export function parseDecision(text: string): Decision | undefined {
  const answer = parseObject(text)
  const data = objectOf(answer?.data)
  if (!answer || !data) return undefined
  switch (answer.action) {
    case 'reject':
      return isStatus(data.status) ? { action: 'reject', status: data.status, reason: textOf(data.reason) } : undefined
    case 'redirect': {
      const contacts = listOf(data.contact ?? data.contacts)
      return contacts.length > 0 ? { action: 'redirect', contacts } : undefined
    }
    case 'proxy':
      return proxyDecision(data)
    case 'route': {
      const [uri, tag] = [textOf(data.uri ?? data.url), textOf(data.tag)]
      if (tag !== undefined) return { action: 'tag', tag }
      return uri === undefined ? undefined : { action: 'route', uri }
    }
    default:
      return undefined
  }
}

function proxyDecision(data: Json): Decision | undefined {
  const targets = listOf(data.destination)
  if (targets.length === 0) return undefined
  const proxy = {
    targets,
    recordRoute: data.recordRoute === true,
    followRedirects: data.followRedirects === true,
    simultaneous: data.simultaneous === true,
    provisionalTimeout: textOf(data.provisionalTimeout) ?? '',
    finalTimeout: textOf(data.finalTimeout) ?? '',
  }

  return { action: 'proxy', proxy }
}

function parseObject(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((each) => textOf(each) ?? [])

const isStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 300 && value <= 699
