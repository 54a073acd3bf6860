import { createHmac } from 'node:crypto'

/** The body of an endpoint's answer; undefined when it has more bytes. Rejects when the connection breaks. */
export async function bodyUpTo(response: Response, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    // Leaving the loop closes the connection.
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }

  return Buffer.concat(chunks)
}

/** Why a request to an endpoint has failed. The URL may hold a token, and is not told. */
export function connectionProblem(error: unknown, url: string): string {
  const { message, cause } = error as Error
  const problem = cause instanceof Error && cause.message !== '' ? cause.message : message

  return `no connection: ${problem.replaceAll(url, new URL(url).origin)}`
}

/**
 * The headers of a signed request with a JSON body (Standard Webhooks).
 *
 * @param now milliseconds since 1970
 */
export function signedHeaders(secret: string, id: string, now: number, body: string): Record<string, string> {
  const timestamp = Math.floor(now / 1000)

  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature(secret, id, timestamp, body),
  }
}

/**
 * Standard Webhooks' signature: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
 *
 * @param secret its bytes, or `whsec_` and their base64
 * @param timestamp seconds since the epoch
 */
export function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)

  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
