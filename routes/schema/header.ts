/** Header fields that a handoff or a transfer request may set. */
import type { ValueProblem } from './errors.ts'

/** Headers that the SIP stack writes itself, in lower case: a handoff or a request may not set them. */
const ownedHeaders: ReadonlySet<string> = new Set([
  // The dialog and the route: RFC 3261 8.1.1, 20; RFC 3327, 3608.
  ...[
    'via',
    'from',
    'to',
    'contact',
    'call-id',
    'cseq',
    'max-forwards',
    'route',
    'record-route',
    'path',
    'service-route',
  ],
  // The body: RFC 3261 20.11 to 20.15, 20.24.
  ...['content-length', 'content-type', 'content-encoding', 'content-disposition', 'content-language', 'mime-version'],
  // Capabilities: RFC 3261 20, RFC 6665.
  ...['allow', 'allow-events', 'supported', 'unsupported', 'require', 'proxy-require', 'accept', 'accept-encoding'],
  ...['accept-language', 'user-agent', 'server', 'date', 'timestamp'],
  // Credentials: RFC 3261 22.
  ...['authorization', 'proxy-authorization', 'www-authenticate', 'proxy-authenticate', 'authentication-info'],
  // Transfers and events: RFC 3515, 3891, 3911, 4488, 4538, 6665.
  ...[
    'refer-to',
    'refer-sub',
    'replaces',
    'join',
    'target-dialog',
    'event',
    'subscription-state',
    'expires',
    'min-expires',
  ],
  // Reliable provisional responses and session timers: RFC 3262, 4028.
  ...['rack', 'rseq', 'session-expires', 'min-se'],
])

/** Compact forms of header names: RFC 3261 7.3.3 and the IANA registry. */
const compactForms: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
}

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/

/** RFC 3261 25.1: a header's name is a token. */
export function isHeaderName(name: string): boolean {
  return token.test(name)
}

/** Why a header may not be set, or undefined when it may. */
export function headerNameProblem(name: string): ValueProblem | undefined {
  if (!isHeaderName(name)) {
    return {
      problem: `${JSON.stringify(name)} is not a header name`,
      hint: "a name is letters, digits and -.!%*_+`'~ (RFC 3261 25.1)",
    }
  }
  const lower = name.toLowerCase()
  const full = compactForms[lower] ?? lower
  if (ownedHeaders.has(full)) {
    return {
      problem: `${name} is set by Baton's SIP stack${full === lower ? '' : ` (it is the short form of ${full})`}`,
      hint: 'take it out; use an X- header for data of your own',
    }
  }
  if (lower.startsWith('x-baton-')) {
    return { problem: `${name} is one of Baton's own headers`, hint: 'choose another name, such as X-Account' }
  }

  return undefined
}

const control = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** Why a header value may not be sent, or undefined when it may (RFC 3261 25.1: no CR, LF or other control character). */
export function headerValueProblem(value: string): ValueProblem | undefined {
  return controlProblem(value, control, 'a header value is one line of text without control characters')
}

const controlInText = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

/** Why a text may not be stored, or undefined when it may: tabs and line ends are its only control characters. */
export function textProblem(value: string): ValueProblem | undefined {
  return controlProblem(value, controlInText, 'write it without control characters')
}

function controlProblem(value: string, refused: RegExp, hint: string): ValueProblem | undefined {
  const found = refused.exec(value)?.[0]
  if (found === undefined) return undefined
  const named: Record<string, string> = { '\r': 'CR', '\n': 'LF', '\0': 'NUL' }

  return {
    problem: `holds ${named[found] ?? `the control character U+${found.charCodeAt(0).toString(16).padStart(4, '0')}`}`,
    hint,
  }
}

const unsafe = /[\u0000-\u001f\u007f]+/g

/** A value from a call, made safe to send (RFC 3261 25.1): control characters become one space, the ends are trimmed. */
export function safeHeaderValue(value: string): string {
  return value.replace(unsafe, ' ').trim()
}
