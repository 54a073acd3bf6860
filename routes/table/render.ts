/** The headers of one attempt: templates filled in, User-to-User encoded (RFC 7433), and those left out that the peer has no room for. */
import { headerNameProblem, safeHeaderValue } from '../schema/header.ts'
import { profiles, tighter, type HeaderLimits } from './profiles.ts'
import type { Handoff } from './table.ts'
import type { Lookup, Template } from './template.ts'
import type { UserToUserForm } from '../schema/project-file.ts'

/** Something an operator should know; nothing that stops a transfer. */
export interface Warning {
  code: string
  detail: string
  handoff?: string
}

export type RenderedHeader = readonly [name: string, value: string]

/** Headers of one transfer, and how much the trunk takes. */
export interface RenderOptions {
  perCall?: Readonly<Record<string, string>> | undefined
  limits?: HeaderLimits | undefined
}

/**
 * Renders a handoff's headers. What comes from the call is made safe for SIP; a header without a value is left out, and so is
 * one of the request that may not be set, and what the trunk or the receiver's profile has no room for. Names are compared
 * without case, and the handoff's spelling is kept.
 */
export function renderHeaders(
  handoff: Handoff,
  lookup: Lookup,
  { perCall = {}, limits = {} }: RenderOptions = {},
): { headers: RenderedHeader[]; warnings: Warning[] } {
  const warnings: Warning[] = []
  const warn = (code: string, detail: string): void => {
    warnings.push({ code, detail, handoff: handoff.name })
  }
  const unknown = new Set<string>()
  const fill = (template: Template): string => template.render(lookup, (variable) => unknown.add(variable))

  const asked = new Map(Object.entries(perCall).map((header) => [header[0].toLowerCase(), header]))
  const rendered = new Map<string, RenderedHeader>()
  for (const [name, template] of handoff.headers) {
    rendered.set(name.toLowerCase(), [name, asked.has(name.toLowerCase()) ? '' : safeHeaderValue(fill(template))])
  }
  if (handoff.userToUser && !asked.has('user-to-user')) {
    const { form } = handoff.userToUser
    const readable = safeHeaderValue(fill(handoff.userToUser.value))
    const { value, tooLong } = userToUser(readable, form)
    if (readable !== '') rendered.set('user-to-user', ['User-to-User', value])
    if (tooLong)
      warn('user_to_user_too_long', `User-to-User has ${tooLong.bytes} bytes; ${form} takes ${tooLong.limit}`)
  }
  for (const [key, [name, value]] of asked) {
    const mistake = headerNameProblem(name)
    if (mistake) warn('header_refused', `${mistake.problem}; it was left out`)
    else rendered.set(key, [rendered.get(key)?.[0] ?? name, safeHeaderValue(value)])
  }
  for (const variable of unknown) warn('unknown_variable', `"${variable}" is not known in this call; it is empty`)

  const profile = handoff.profile && profiles[handoff.profile]
  const filled = [...rendered.values()].filter(([, value]) => value !== '')
  for (const [name] of filled) {
    const refused = profile?.refuses(name.toLowerCase())
    if (refused !== undefined) warn('header_not_read', `${name} may not arrive: ${refused}`)
  }
  const fitting = withinLimits(filled, tighter(profile?.limits ?? {}, limits), handoff.name)

  return { headers: fitting.headers, warnings: [...warnings, ...fitting.warnings] }
}

/** Keeps what fits, in order; a warning names what does not. */
function withinLimits(
  headers: readonly RenderedHeader[],
  limits: HeaderLimits,
  handoff: string,
): { headers: RenderedHeader[]; warnings: Warning[] } {
  const kept: RenderedHeader[] = []
  const warnings: Warning[] = []
  let total = 0

  for (const header of headers) {
    const bytes = headerBytes(header)
    const problem = overflow(limits, kept.length, bytes, total + bytes)
    if (problem === undefined) {
      kept.push(header)
      total += bytes
    } else {
      warnings.push({ ...problem, detail: `${header[0]} is left out: ${problem.detail}`, handoff })
    }
  }

  return { headers: kept, warnings }
}

function overflow(limits: HeaderLimits, count: number, bytes: number, total: number): Warning | undefined {
  if (limits.count !== undefined && count >= limits.count) {
    return { code: 'too_many_headers', detail: `the peer takes ${limits.count} headers` }
  }
  if (limits.bytesEach !== undefined && bytes > limits.bytesEach) {
    return { code: 'header_too_large', detail: `it has ${bytes} bytes, the peer takes ${limits.bytesEach} each` }
  }
  if (limits.bytesTotal !== undefined && total > limits.bytesTotal) {
    return {
      code: 'headers_too_large',
      detail: `with it the headers have ${total} bytes, the peer takes ${limits.bytesTotal} in all`,
    }
  }

  return undefined
}

/** Bytes of `Name: value`. */
export function headerBytes([name, value]: RenderedHeader): number {
  return Buffer.byteLength(name) + 2 + Buffer.byteLength(value)
}

/** What does not fit, as bytes that are and that may be. */
export interface TooLong {
  bytes: number
  limit: number
}

const utf8 = new TextEncoder()

// Q.931 4.5.30: 04 says that IA5 characters follow, 00 that the rest has a structure of the users' own.
const ia5 = '04'
const userSpecific = '00'
// Avaya's shared UUI: an element C8, its length in one byte, and the data (96 bytes at most of the 128 of the whole).
const asaiData = 'C8'
const asaiLimit = 96

/** Octets of a whole User-to-User element (ITU-T Q.931 4.5.30), protocol discriminator included. */
const isdnLimit = 128

/**
 * The header's value: `genesys` 04<hex>;encoding=hex, `avaya` 00C8<length><hex>;encoding=hex, `cisco` <hex>;encoding=hex,
 * `text` a quoted string.
 */
export function userToUser(value: string, form: UserToUserForm): { value: string; tooLong?: TooLong } {
  const bytes = utf8.encode(value)
  const hex = Buffer.from(bytes).toString('hex').toUpperCase()

  switch (form) {
    case 'genesys':
      return { value: `${ia5}${hex};encoding=hex`, ...over(bytes.length, isdnLimit - 1) }
    case 'avaya': {
      const length = Math.min(bytes.length, 255).toString(16).toUpperCase().padStart(2, '0')
      return {
        value: `${userSpecific}${asaiData}${length}${hex.slice(0, 510)};encoding=hex`,
        ...over(bytes.length, asaiLimit),
      }
    }
    case 'cisco':
      return { value: `${hex};encoding=hex`, ...over(bytes.length, isdnLimit) }
    case 'text':
      return { value: `"${value.replace(/[\\"]/g, '\\$&')}"` }
  }
}

function over(bytes: number, limit: number): { tooLong?: TooLong } {
  return bytes > limit ? { tooLong: { bytes, limit } } : {}
}
