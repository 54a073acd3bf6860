import { type HeaderText, parseSipText } from './sip-text.ts'

/** A message of an application. */
export type ApplicationMessage =
  | { kind: 'authenticate'; id: string; secret: string; tags: readonly string[] }
  | { kind: 'route' | 'remove_route'; id: string; verb: string }
  | { kind: 'ping'; id: string }
  | SipFrame
  | { kind: 'proxy'; id: string; order: ProxyOrder }
  | { kind: 'invalid'; id: string; problem: string }

/** A SIP request or response to send. */
export interface SipFrame {
  kind: 'sip'
  id: string
  transactionId: string
  dialogId: string
  /** The next hop, when it is not the Request-URI; '' for none. */
  route: string
  /** The SIP message as the application wrote it. */
  text: string
}

/** Parses the fields after the id and kind of a metaline, and the text below it. */
type MetalineParser = (id: string, fields: string, text: string) => ApplicationMessage

const metalineParsers: Readonly<Record<string, MetalineParser>> = {
  authenticate: (id, fields) => {
    // A secret may contain bars, tags do not.
    const bar = fields.lastIndexOf('|')
    const tags = bar < 0 ? '' : fields.slice(bar + 1)

    return {
      kind: 'authenticate',
      id,
      secret: bar < 0 ? fields : fields.slice(0, bar),
      tags: tags.split(',').filter(Boolean),
    }
  },
  route: (id, verb) => ({ kind: 'route', id, verb: verb.toLowerCase() }),
  remove_route: (id, verb) => ({ kind: 'remove_route', id, verb: verb.toLowerCase() }),
  ping: (id) => ({ kind: 'ping', id }),
  sip: (id, fields, text) => {
    const [transactionId, rest] = cut(fields)
    // The dialog's id may contain bars in its Call-ID, not in the tag at its end.
    const bar = rest.indexOf('|', Math.max(rest.lastIndexOf(';from-tag='), 0))
    const dialogId = bar < 0 ? rest : rest.slice(0, bar)

    return { kind: 'sip', id, transactionId, dialogId, route: bar < 0 ? '' : rest.slice(bar + 1), text }
  },
  proxy: (id, fields, text) => {
    const order = parseProxyOrder(fields, text)

    return order ? { kind: 'proxy', id, order } : invalid(id, 'Invalid proxy request: not enough information provided')
  },
}

/** Reads a payload; a malformed one is `invalid`, with drachtio-server's error text. */
export function parseApplicationMessage(payload: string): ApplicationMessage {
  const end = payload.search(/[\r\n]/)
  const metaline = end < 0 ? payload : payload.slice(0, end)
  const [id, rest] = cut(metaline)
  const [kind, fields] = cut(rest)
  if (kind === '') return invalid(id, 'Invalid message format')
  const read = Object.hasOwn(metalineParsers, kind) ? metalineParsers[kind] : undefined
  const text = end < 0 ? '' : payload.slice(payload.startsWith('\r\n', end) ? end + 2 : end + 1)

  return read ? read(id, fields, text) : invalid(id, 'Unknown message type')
}

function cut(text: string): [head: string, rest: string] {
  const bar = text.indexOf('|')

  return bar < 0 ? [text, ''] : [text.slice(0, bar), text.slice(bar + 1)]
}

const invalid = (id: string, problem: string): ApplicationMessage => ({ kind: 'invalid', id, problem })

/** How a request is to be proxied. */
export interface ProxyOrder {
  transactionId: string
  /** Whether later requests of the dialog come through this server. */
  recordRoute: boolean
  /** Whether the application gets every final response. */
  fullResponse: boolean
  followRedirects: boolean
  simultaneous: boolean
  /** The time for a target's first response; undefined for the transaction's own. */
  provisionalTimeoutMs: number | undefined
  finalTimeoutMs: number | undefined
  targets: readonly string[]
  /** Headers that are added. */
  headers: readonly HeaderText[]
  /** The route set after this server. */
  routes?: readonly string[]
}

/** `txn|remainInDialog|fullResponse|followRedirects|simultaneous or serial|provisional|final|target|target…`. */
function parseProxyOrder(fields: string, text: string): ProxyOrder | undefined {
  const [transactionId = '', remain, full, follow, mode, provisional = '', final = '', ...targets] = fields.split('|')
  if (transactionId === '' || targets.length === 0 || targets.includes('')) return undefined

  return {
    transactionId,
    recordRoute: remain === 'remainInDialog',
    fullResponse: full === 'fullResponse',
    followRedirects: follow === 'followRedirects',
    simultaneous: mode === 'simultaneous',
    provisionalTimeoutMs: parseDuration(provisional),
    finalTimeoutMs: parseDuration(final),
    targets,
    headers: parseSipText(text)?.headers ?? [],
  }
}

/** `2s` or `1500ms`. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,9})(ms|s)$/.exec(text.trim()) ?? []

  return digits === undefined ? undefined : Number(digits) * (unit === 's' ? 1000 : 1)
}
