import { type HeaderText, parseSipText } from './sip-text.ts'

/** What an application says, one kind of metaline each. */
export type ApplicationMessage =
  | { kind: 'authenticate'; id: string; secret: string; tags: readonly string[] }
  | { kind: 'route' | 'remove_route'; id: string; verb: string }
  | { kind: 'ping'; id: string }
  | SipFrame
  | { kind: 'proxy'; id: string; order: ProxyOrder }
  | { kind: 'invalid'; id: string; problem: string }

/** A SIP message to send: a request, or the response to one. */
export interface SipFrame {
  kind: 'sip'
  id: string
  transactionId: string
  dialogId: string
  /** Where to send it, when that is not the Request-URI. */
  route: string
  /** The message as the application wrote it. */
  text: string
}

/** Fields of a metaline after its id and kind, and the text below it. */
type MetalineParser = (id: string, fields: string, text: string) => ApplicationMessage

const metalineParsers: Readonly<Record<string, MetalineParser>> = {
  authenticate: (id, fields) => {
    // Tags hold no bar; a secret may.
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
    // A Call-ID, and so a dialog's id, may hold bars; a tag, which is its end, holds none.
    const bar = rest.indexOf('|', Math.max(rest.lastIndexOf(';from-tag='), 0))
    const dialogId = bar < 0 ? rest : rest.slice(0, bar)

    return { kind: 'sip', id, transactionId, dialogId, route: bar < 0 ? '' : rest.slice(bar + 1), text }
  },
  proxy: (id, fields, text) => {
    const order = parseProxyOrder(fields, text)

    return order ? { kind: 'proxy', id, order } : invalid(id, 'Invalid proxy request: not enough information provided')
  },
}

/** Reads a payload. What is no message of ours is `invalid`, with the text that drachtio-server has for it. */
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

/** What an application asks to be done with a request that has come. */
export interface ProxyOrder {
  transactionId: string
  /** Stay on the path of the dialog's later requests. */
  recordRoute: boolean
  /** Tell the application every final response. */
  fullResponse: boolean
  followRedirects: boolean
  simultaneous: boolean
  /** How long a target may say nothing at all, in milliseconds; undefined: as long as the transaction lives. */
  provisionalTimeout: number | undefined
  finalTimeout: number | undefined
  targets: readonly string[]
  /** Headers to add. */
  headers: readonly HeaderText[]
  /** Routes after us. */
  routes?: readonly string[]
}

/** `txn|remainInDialog|fullResponse|followRedirects|simultaneous or serial|provisional|final|target|target…`. */
export function parseProxyOrder(fields: string, text: string): ProxyOrder | undefined {
  const [transactionId = '', remain, full, follow, mode, provisional = '', final = '', ...targets] = fields.split('|')
  if (transactionId === '' || targets.length === 0 || targets.includes('')) return undefined

  return {
    transactionId,
    recordRoute: remain === 'remainInDialog',
    fullResponse: full === 'fullResponse',
    followRedirects: follow === 'followRedirects',
    simultaneous: mode === 'simultaneous',
    provisionalTimeout: parseDuration(provisional),
    finalTimeout: parseDuration(final),
    targets,
    headers: parseSipText(text)?.headers ?? [],
  }
}

/** `2s` or `1500ms`. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,9})(ms|s)$/.exec(text.trim()) ?? []

  return digits === undefined ? undefined : Number(digits) * (unit === 's' ? 1000 : 1)
}
