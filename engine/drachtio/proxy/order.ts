import { type Header, parseSipText } from '../sip-text.ts'

/** What a client asks to be done with a request that has come. */
export interface ProxyOrder {
  transactionId: string
  /** Stay on the path of the dialog's later requests. */
  recordRoute: boolean
  /** Tell the client every final response. */
  fullResponse: boolean
  followRedirects: boolean
  simultaneous: boolean
  /** How long a target may say nothing at all, in milliseconds; undefined: as long as the transaction lives. */
  provisionalTimeout: number | undefined
  finalTimeout: number | undefined
  targets: readonly string[]
  /** Headers to add. */
  headers: readonly Header[]
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
