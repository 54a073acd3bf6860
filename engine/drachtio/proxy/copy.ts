import { Request, type Response } from '../../message/index.ts'
import { newBranch } from '../../dialog/index.ts'
import { ownHostPort, viaOf } from '../../dialog/own-address.ts'
import type { Flow } from '../../transport/index.ts'
import type { Header } from '../sip-text.ts'

/** How a request leaves a proxy (RFC 3261 16.6). */
export interface Onward {
  uri: string
  flow: Flow
  /** Where the peer that it came from reaches us; undefined unless we are to stay on the path. */
  recordRoute: boolean
  routes: readonly string[]
  headers: readonly Header[]
}

/** The copy of a request that goes to one target: one hop less, our Via on top. */
export function onward(request: Request, { uri, flow, recordRoute, routes, headers }: Onward): Request {
  const copy = new Request(request.method, uri)
  copy.add('Via', viaOf(flow, newBranch()))
  if (recordRoute) addRecordRoute(copy, request, flow)
  for (const [name, value] of request.entries()) {
    if (name !== 'Route' && name !== 'Max-Forwards' && name !== 'Content-Length') copy.add(name, value)
  }
  for (const route of routes) copy.add('Route', route)
  copy.add('Max-Forwards', String((request.maxForwards ?? 70) - 1))
  for (const [name, value] of headers) copy.add(name, value)
  if (request.body !== '') copy.body = request.body

  return copy
}

/** RFC 3261 16.6 step 4; a REGISTER gets a Path instead (RFC 3327). */
function addRecordRoute(copy: Request, request: Request, flow: Flow): void {
  const transport = flow.transport === 'udp' ? '' : `;transport=${flow.transport}`
  const own = `<sip:${ownHostPort(flow)}${transport};lr>`
  if (request.method !== 'REGISTER') copy.add('Record-Route', own)
  else copy.add('Path', own).add('Require', 'path')
}

/** A response without our Via (RFC 3261 16.7 step 3). */
export function backward(response: Response): Response {
  return response.set('Via', response.list('Via').slice(1))
}
