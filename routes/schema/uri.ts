/** The parts of RFC 3261 19.1 and RFC 3966 that judge a route and write a Refer-To. */
import type { ValueProblem } from './errors.ts'

const host = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?)`
const user = String.raw`(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+`
const sip = new RegExp(
  `^(sips?):(?:(${user})(?::[^@\\s<>"]*)?@)?(${host})(?::(\\d{1,5}))?((?:;[^;?\\s<>"]+)*)(?:\\?([^\\s<>"]+))?$`,
  'i',
)
const tel = /^tel:(\+?[0-9A-Fa-f*#().-]+)((?:;[^;\s<>"]+)*)$/i

export interface ParsedRoute {
  kind: 'sip' | 'sips' | 'tel'
  /** User part of a SIP URI, or the subscriber of a tel: URI, as written. */
  user: string | undefined
  host: string | undefined
  port: number | undefined
  /** `;a=b;c`, as written. */
  params: string
  /** The text after `?`, as written. */
  headers: string | undefined
}

/** Parses a sip:, sips: or tel: URI; undefined for any other text. */
export function parseRoute(text: string): ParsedRoute | undefined {
  const asTel = tel.exec(text)
  if (asTel) {
    return { kind: 'tel', user: asTel[1], host: undefined, port: undefined, params: asTel[2] ?? '', headers: undefined }
  }
  const found = sip.exec(text)
  if (!found) return undefined
  const port = found[4] === undefined ? undefined : Number(found[4])
  if (port !== undefined && (port < 1 || port > 65535)) return undefined

  return {
    kind: found[1]?.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: found[2],
    host: found[3],
    port,
    params: found[5] ?? '',
    headers: found[6],
  }
}

const e164 = /^\+[1-9]\d{6,14}$/

/** ITU-T E.164: a plus, a country code, 15 digits at most. */
export function isE164(text: string): boolean {
  return e164.test(text)
}

/** Why a text is not a route, or undefined when it is one. */
export function routeProblem(text: string): ValueProblem | undefined {
  if (isE164(text)) return undefined
  const shown = JSON.stringify(text)
  const uri = parseRoute(text)
  if (!uri) {
    const digits = /^\+?[\d\s().-]+$/.test(text)
    return {
      problem: `${shown} is neither an E.164 number nor a tel:, sip: or sips: URI`,
      hint: digits
        ? 'write a number as +14155550100, a short number or an extension as sip:100@pbx.example'
        : 'write +14155550100, tel:+14155550100, sip:desk@pbx.example or sips:desk@pbx.example',
    }
  }
  if (uri.kind === 'tel' && !uri.user?.startsWith('+') && !/;phone-context=/i.test(uri.params)) {
    return {
      problem: `${shown} is a local number without phone-context`,
      hint: 'write tel:+14155550100, or tel:100;phone-context=pbx.example (RFC 3966 5.1.5)',
    }
  }

  return undefined
}

/** RFC 3261 19.1.1: a Request-URI, and the URI of a caller, has no headers of its own. */
export function embeddedHeadersProblem(text: string): ValueProblem | undefined {
  if (parseRoute(text)?.headers === undefined) return undefined

  return {
    problem: `${JSON.stringify(text)} has headers in it (after "?")`,
    hint: 'write them as headers of the handoff',
  }
}

/** Why a text is not a SIP URI of an agent, or undefined when it is one. */
export function agentProblem(text: string): ValueProblem | undefined {
  const uri = parseRoute(text)
  const embedded = embeddedHeadersProblem(text)
  if (embedded) return embedded
  if (uri?.kind === 'sip' || uri?.kind === 'sips') return undefined

  return { problem: `${JSON.stringify(text)} is not a SIP URI`, hint: 'write sip:agent@127.0.0.1:5090' }
}

export type UriTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

const parameter = /;transport=(udp|tcp|tls|wss?)(?=[;?]|$)/i

/** The transport that a SIP URI names, by its parameter or its scheme (RFC 3261 19.1.1, 26.2.2). Undefined leaves it to RFC 3263. */
export function transportOf(uri: string): UriTransport | undefined {
  const isSecure = /^sips:/i.test(uri)
  const named = parameter.exec(uri)?.[1]?.toLowerCase() as UriTransport | undefined
  if (!isSecure) return named

  return named === 'ws' || named === 'wss' ? 'wss' : 'tls'
}

/** Decodes the escaped ASCII characters in a part of a URI (RFC 3261 19.1.2); other escapes stay. */
export function unescape(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}
