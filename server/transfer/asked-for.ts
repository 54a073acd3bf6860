import { formatUri, isSipUri, parseNameAddr, parseUri } from '../../engine/index.ts'
import { hostsOf, isAdhocHost, type PinnedTable } from '../../routes/index.ts'
import type { SipAddress, SipRequest } from '../sip/stack.ts'
import { isOurs } from './destination.ts'
import { isRaw } from './transfer-plan.ts'

/**
 * What an agent's REFER asks for, `named` being the user part of its Refer-To: a handoff's name or a number, whatever the
 * host; or, in a project that allows raw URIs, the whole URI where it leads elsewhere. A host that is Baton's or the
 * agent's own, or that no network knows (`sip:front-desk@baton`), says nothing.
 */
export function askedFor(named: string, request: SipRequest, pinned: PinnedTable, own: readonly SipAddress[]): string {
  if (!pinned.settings.adhoc || pinned.handoff(named) || isRaw(named)) return named
  const uri = parseUri(parseNameAddr(request.header('Refer-To') ?? '')?.uri ?? '')
  if (!uri || !isSipUri(uri)) return named
  const written = formatUri({ ...uri, headers: [] })
  const [host = ''] = hostsOf(written)
  if (isOurs(written, own)) return named
  if (isAdhocHost(pinned, written)) return written
  const agents = hostsOf(parseNameAddr(request.header('Contact') ?? '')?.uri ?? '')
  const saysNothing = !/[.:]/.test(host) || host === request.source.address || agents.includes(host)

  return saysNothing ? named : written
}
