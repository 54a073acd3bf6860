import { formatUri, parseNameAddr, parseSipUri } from '../message/index.ts'

/** Where a request in a dialog goes. */
export interface Routing {
  requestUri: string
  /** Route values, in order. */
  routes: readonly string[]
  /** The URI of the next hop. */
  nextHop: string
}

const noRoutes: readonly string[] = []

/** RFC 3261 12.2.1.1: a request to `target` by way of `routeSet`, whose first router is loose (`lr`) or strict. */
export function routed(target: string, routeSet: readonly string[]): Routing {
  const first = routeSet[0] === undefined ? undefined : parseNameAddr(routeSet[0])
  if (!first) return { requestUri: target, routes: noRoutes, nextHop: target }
  const uri = parseSipUri(first.uri)
  if (!uri || uri.params.has('lr')) return { requestUri: target, routes: routeSet, nextHop: first.uri }

  // A strict router wants itself as Request-URI, stripped of what may not stand there, and the target as the last route.
  const requestUri = formatUri({ ...uri, params: uri.params.without('method'), headers: [] })

  return { requestUri, routes: [...routeSet.slice(1), `<${target}>`], nextHop: requestUri }
}
