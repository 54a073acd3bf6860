import { defaultMethods, type Request, understandsReplaces } from '../../../engine/index.ts'
import type { Lines } from './outgoing-text.ts'

// The server leaves it to us to say what we can (RFC 3261 20.5, 20.37), and to refuse what we cannot.

/** In the order of the embedded engine, so that peers get the same INVITE on both stacks. */
export const allow = [...defaultMethods, 'PRACK', 'SUBSCRIBE'].join(', ')
const extensions = ['100rel', 'timer', 'norefersub']
export const supported = extensions.join(', ')

/** What our INVITEs say. */
export const inviteCapabilities: Lines = [
  ['Allow', allow],
  ['Supported', supported],
]

/** What our responses to OPTIONS say (RFC 3261 11.2). */
export const optionsCapabilities: Lines = [
  ['Allow', allow],
  ['Accept', 'application/sdp'],
  ['Supported', supported],
]

/** What a request requires of us that we do not have; '' when it may be served (RFC 3261 8.2.2.3). */
export function unsupported(request: Request): string {
  return request
    .list('Require')
    .filter((tag) => !extensions.includes(tag.toLowerCase()) && !understandsReplaces(request, tag.toLowerCase()))
    .join(', ')
}

/** What a response of ours to this request says beside what its sender wants said. */
export function responseCapabilities(request: Request, status: number): Lines {
  const { method } = request
  if (status === 405) return [['Allow', allow]]
  // RFC 3262 3: the server makes it reliable when we ask for it.
  if (status > 100 && status < 200) return isListed(request, 'Require', '100rel') ? [['Require', '100rel']] : []
  if (status >= 300) return []
  if (method === 'UPDATE') return sessionTimer(request)

  return method === 'INVITE' ? [...inviteCapabilities, ...sessionTimer(request)] : []
}

/** Min-SE of a 422, when a request asks for a shorter session than that (RFC 4028 6): the server would not refresh it in time. */
export function tooShortSession(request: Request, minSession: number): Lines | undefined {
  const asked = /^\s*(\d{1,9})\b/.exec(request.header('Session-Expires') ?? '')?.[1]
  const isTooShort = targetRefreshers.has(request.method) && asked !== undefined && Number(asked) < minSession

  return isTooShort ? [['Min-SE', String(minSession)]] : undefined
}

const targetRefreshers = new Set(['INVITE', 'UPDATE'])

/** RFC 4028 9: the session interval is what was asked for, and who has the extension refreshes. The server keeps the timer. */
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
