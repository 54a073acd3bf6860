import { requestUriOf } from '../../engine/index.ts'
import type { CallerIdPolicy } from '../../routes/index.ts'
import type { CallerIdentity } from '../legs/caller.ts'
import { headersOf } from '../legs/relay.ts'
import type { Header, HeadersToSend, SipAddress, SipRequest } from '../sip/stack.ts'

/** Who the destination sees as the caller: From without its tag, and the headers that say more. */
export interface ShownCaller {
  from: string
  headers: HeadersToSend
}

/** Headers that tell who is calling and why the call comes this way, unless a policy says otherwise. */
const identityHeaders = ['Remote-Party-ID', 'Identity', 'User-to-User', 'Call-Info'] as const

/**
 * The caller as a handoff's policy shows it: as it came, as the dialled number, as a fixed number or URI, or not at all
 * (RFC 3325 P-Asserted-Identity, RFC 5806 Diversion, RFC 7044 History-Info, RFC 3323 Privacy).
 */
export function shownCaller(
  policy: CallerIdPolicy,
  invite: SipRequest,
  caller: CallerIdentity,
  own: SipAddress | undefined,
): ShownCaller {
  const uriOf = (wish: string): string => uriFor(wish === 'dialled' ? caller.called : wish, own)
  const asTheyCame = new Set<string>(identityHeaders)
  const ours: Header[] = []
  const show = (name: string, wish: string | undefined, params = ''): void => {
    if (wish === 'none') return
    if (wish === undefined || wish === 'as_is') asTheyCame.add(name)
    else ours.push([name, `<${uriOf(wish)}>${params}`])
  }
  show('P-Asserted-Identity', policy.p_asserted_identity)
  show('Diversion', policy.diversion, ';reason=unconditional;counter=1')
  show('History-Info', policy.history_info, ';index=1')
  if (policy.privacy === undefined || policy.privacy === 'as_is') asTheyCame.add('Privacy')
  else if (policy.privacy !== 'none') ours.push(['Privacy', policy.privacy])

  const { from = 'as_is' } = policy

  return {
    from: from === 'as_is' ? caller.from : `<${uriOf(from)}>`,
    headers: [...headersOf(invite, asTheyCame), ...ours],
  }
}

/** A number as a SIP URI of ours (RFC 3261 19.1.6); a URI without headers (RFC 3261 19.1.1). */
function uriFor(wish: string, own: SipAddress | undefined): string {
  if (/^(?:sips?|tel):/i.test(wish)) return requestUriOf(wish)
  const host = own === undefined ? 'localhost' : own.address.includes(':') ? `[${own.address}]` : own.address

  return `sip:${wish}@${host};user=phone`
}
