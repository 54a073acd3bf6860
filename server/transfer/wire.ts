import { requestHeaders, type Step } from '../../routes/index.ts'
import type { HeadersToSend } from '../sip/stack.ts'

/** The headers of the REFER that a step sends. */
export function referHeaders(step: Step, referredBy: string): HeadersToSend {
  return [['Refer-To', referTo(step)], ['Referred-By', `<${referredBy}>`], ...requestHeaders(step, 'refer')]
}

/** The Refer-To of the REFER that a step sends. */
export function referTo(step: Step): string {
  return step.referTo ?? `<${step.target}>`
}
