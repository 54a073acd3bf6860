import { defaultMethods, minSessionFor, type Request, understandsReplaces } from '../../../engine/index.ts'
import type { Lines } from './outgoing-text.ts'

// The server leaves Allow and Supported (RFC 3261 20.5, 20.37) and the refusal of other extensions to its client.

/** In the order of the embedded engine, so that peers get the same INVITE on both stacks. */
const allow = [...defaultMethods, 'PRACK', 'SUBSCRIBE'].join(', ')
const extensions = ['100rel', 'timer', 'norefersub']
const supported = extensions.join(', ')

/** Headers of our INVITEs. */
export const inviteCapabilities: Lines = [
  ['Allow', allow],
  ['Supported', supported],
]

/** Headers of our responses to OPTIONS (RFC 3261 11.2). */
export const optionsCapabilities: Lines = [
  ['Allow', allow],
  ['Accept', 'application/sdp'],
  ['Supported', supported],
]

/** The extensions that a request requires and we lack; '' when it may be served (RFC 3261 8.2.2.3). */
export function unsupported(request: Request): string {
  return request
    .list('Require')
    .filter((tag) => !extensions.includes(tag.toLowerCase()) && !understandsReplaces(request, tag.toLowerCase()))
    .join(', ')
}

/** Headers of a response to this request, beside those of its sender. */
export function responseCapabilities(request: Request, status: number): Lines {
  const { method } = request
  if (status === 405) return [['Allow', allow]]
  // RFC 3262 3: the server makes it reliable when we ask for it.
  if (status > 100 && status < 200) return isListed(request, 'Require', '100rel') ? [['Require', '100rel']] : []
  if (status >= 300) return []
  if (method === 'UPDATE') return sessionTimer(request)

  return method === 'INVITE' ? [...inviteCapabilities, ...sessionTimer(request)] : []
}

/** The headers of the 422 to a request with too short a session interval (RFC 4028 6); undefined for any other request. */
export function tooShortSession(request: Request, shortest: number): Lines | undefined {
  const minSession = minSessionFor(request, shortest)

  return minSession === undefined ? undefined : [['Min-SE', minSession]]
}

/** RFC 4028 9: the session interval is that of the request, and a peer that supports the extension refreshes. The server keeps the timer. */
function sessionTimer(request: Request): Lines {
  const [, seconds, refresher] =
    /^\s*(\d{1,9})\s*(?:;.*refresher=(uac|uas))?/i.exec(request.header('Session-Expires') ?? '') ?? []
  if (seconds === undefined) return []
  const peerRefreshes = isListed(request, 'Supported', 'timer')
  const who = refresher?.toLowerCase() ?? (peerRefreshes ? 'uac' : 'uas')

  return [
    ['Session-Expires', `${seconds};refresher=${who}`],
    ...(who === 'uac' && peerRefreshes ? ([['Require', 'timer']] as const) : []),
  ]
}

function isListed(request: Request, name: string, tag: string): boolean {
  return request.list(name).some((each) => each.toLowerCase() === tag)
}
