import { requestHeaders, type Step } from '../../routes/index.ts'
import type { HeadersToSend } from '../sip/stack.ts'

/** The headers of the REFER that a step sends. A handoff's own Referred-By takes the place of the agent's (RFC 3892: one). */
export function referHeaders(step: Step, referredBy: string): HeadersToSend {
  const headers = requestHeaders(step, 'refer')
  const isNamed = headers.some(([name]) => name.toLowerCase() === 'referred-by')

  return [
    ['Refer-To', step.referTo ?? ''],
    ...(isNamed ? [] : [['Referred-By', `<${referredBy}>`] as const]),
    ...headers,
  ]
}
