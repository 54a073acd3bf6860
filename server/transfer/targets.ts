import { isTelUri, parseUri } from '../../engine/index.ts'
import type { Trunk } from '../../config/index.ts'

/**
 * Where an INVITE for a route goes: a SIP URI stands for itself; a number goes to each of the trunk's gateways in turn
 * as `sip:<number>@<gateway>;user=phone` (RFC 3261 19.1.6). Empty when a number has no gateway.
 */
export function inviteTargets(target: string, trunk: Trunk): string[] {
  const uri = parseUri(target)
  if (!uri || !isTelUri(uri)) return [target]

  return trunk.gateways.map((gateway) => {
    const [head = '', ...params] = gateway.split(';')
    const [scheme = 'sip', ...host] = head.split(':')

    return [`${scheme}:${uri.number}@${host.join(':')}`, ...params, 'user=phone'].join(';')
  })
}
