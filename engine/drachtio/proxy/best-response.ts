import type { Response } from '../../message/index.ts'

/** The response that goes back when no target has accepted: 6xx, else the lowest class (RFC 3261 16.7 step 6). */
export function bestOf(responses: readonly Response[]): Response | undefined {
  const rank = ({ status }: Response): number => {
    if (status >= 600) return 0
    // What the caller can do something about comes first in its class.
    const isHelpful = [401, 407, 415, 420, 484].includes(status)

    return Math.floor(status / 100) * 1000 + (isHelpful ? 0 : status === 408 || status === 503 ? 999 : 500)
  }

  return responses.reduce<Response | undefined>(
    (best, each) => (!best || rank(each) < rank(best) ? each : best),
    undefined,
  )
}
