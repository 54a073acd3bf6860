import { headerNameProblem, headerValueProblem } from '../../routes/index.ts'
import type { HeadersToSend } from '../sip/stack.ts'
import { RehearsalRefused } from './rehearsal-refused.ts'

/** Who calls when nobody says; a number that is kept free for stories. */
const anybody = '+14155550123'

/** From, for the number or name that seems to call. */
export function callerFrom(caller = anybody): string {
  // RFC 3261 25.1: what a user part may hold as it is; all else is percent-encoded.
  const user = encodeURIComponent(Buffer.from(caller).toString()).replaceAll('%2B', '+')

  return `"Rehearsal" <sip:${user}@localhost>`
}

/** Headers for the caller's INVITE. @throws RehearsalRefused naming the header that cannot be sent */
export function checkedHeaders(headers: Readonly<Record<string, string>> = {}): HeadersToSend {
  const list = Object.entries(headers)
  for (const [name, value] of list) {
    const mistake = headerNameProblem(name) ?? headerValueProblem(value)
    if (mistake) {
      const pointer = `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      throw new RehearsalRefused('invalid', `${pointer}: ${mistake.problem}; ${mistake.hint}.`, pointer)
    }
  }

  return list
}
