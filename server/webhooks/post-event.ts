import { defined } from '../../base/defined.ts'
import { signedHeaders } from '../signed-headers.ts'

/** A receiver may take so long for its answer. */
const attemptTimeoutMs = 10_000
/** Statuses below 500 that ask to try again later. */
const temporary = new Set([408, 425, 429])

/** Why an attempt failed. */
export interface AttemptFailure {
  problem: string
  /** The receiver refuses this event; it may take another. */
  refused: boolean
  /** From the receiver's `Retry-After`. */
  retryAfterMs?: number
}

export interface SignedPost {
  url: string
  secret: string
  id: string
  body: string
  /** Milliseconds since 1970. */
  now: number
  signal: AbortSignal
}

/** One attempt at an event (Standard Webhooks). Resolves with the failure; undefined when the receiver has the event. */
export async function postEvent({
  url,
  secret,
  id,
  body,
  now,
  signal,
}: SignedPost): Promise<AttemptFailure | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A signed event is sent to no other URL: the setting of a receiver that has moved must be changed.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]),
      headers: signedHeaders(secret, id, now, body),
      body,
    })
    await response.body?.cancel()
    const { ok, status, headers } = response
    if (ok) return undefined
    const seconds = Number(headers.get('retry-after') ?? Number.NaN)

    return {
      problem: `it answered ${status}`,
      refused: status >= 400 && status < 500 && !temporary.has(status),
      ...defined({ retryAfterMs: seconds > 0 ? seconds * 1000 : undefined }),
    }
  } catch (error) {
    const { message, cause } = error as Error

    const problem = cause instanceof Error ? `${message}: ${cause.message}` : message

    // The URL may hold a token.
    return { problem: problem.replaceAll(url, new URL(url).origin), refused: false }
  }
}
