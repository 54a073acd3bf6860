import { createHmac } from 'node:crypto'

/**
 * Standard Webhooks' signature of one attempt: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
 *
 * @param secret its bytes, or `whsec_` and their base64
 * @param timestamp seconds since the epoch
 */
export function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)

  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
