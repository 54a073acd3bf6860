import { copyText } from '../../engine/index.ts'
import type { SipAddress, SipRequest } from '../sip/stack.ts'
import { readable } from '../sip/text.ts'

/** Where a call came from and which process took it, for its record: read once, as the INVITE is not kept. */
export interface CallOrigin {
  readonly node: string
  readonly source: SipAddress
  /** The headers that say who calls and who was called before, as they came, by their names. */
  readonly identity: Readonly<Record<string, string>>
}

/** RFC 3325, RFC 3323, RFC 5806, RFC 7044, and the Remote-Party-ID of a draft that many still send. */
const identityHeaders = ['P-Asserted-Identity', 'Remote-Party-ID', 'Privacy', 'Diversion', 'History-Info']

/** Of one header, all its values together. */
const maxIdentityLength = 512

const none: Readonly<Record<string, string>> = {}

export function originOf(request: SipRequest, node: string): CallOrigin {
  const { transport, address, port } = request.source
  let identity: Record<string, string> | undefined
  for (const name of identityHeaders) {
    const values = request.headers(name)
    if (values.length === 0) continue
    identity ??= {}
    identity[name] = copyText(readable(values.join(', ').slice(0, maxIdentityLength)))
  }

  return { node, source: { transport, address, port }, identity: identity ?? none }
}
