/** The headers of one attempt: templates filled in, User-to-User encoded (RFC 7433), the rest cut to what the peer takes. */
import { headerNameProblem, safeHeaderValue } from '../schema/header.ts'
import { contextHeaderOf, profiles, tighter, type HeaderLimits } from './profiles.ts'
import type { Handoff } from './table.ts'
import type { VariableLookup, Template } from './template.ts'
import type { UserToUserForm } from '../schema/project-file.ts'

/** A doubt about a transfer that an operator should know; it does not stop the transfer. */
export interface PlanWarning {
  code: string
  detail: string
  handoff?: string
}

export type RenderedHeader = readonly [name: string, value: string]

export interface RenderOptions {
  /** Headers of the transfer request, over those of the handoff. */
  perCall?: Readonly<Record<string, string>> | undefined
  /** The id under which the receiver finds what the agent gave; it has a header of its own unless the handoff places it. */
  contextId?: string | undefined
  /** The size limits of the trunk. */
  limits?: HeaderLimits | undefined
}

type HeaderMap = Map<string, RenderedHeader>
type WarningListener = (code: string, detail: string) => void

/**
 * Renders a handoff's headers. Values from the call are made safe for SIP. A header without a value is left out, and so is
 * one of the request that may not be set, and one that the trunk or the receiver's profile has no room for. Names are
 * compared without case, and the handoff's spelling is kept.
 */
export function renderHeaders(
  handoff: Handoff,
  lookup: VariableLookup,
  { perCall = {}, contextId, limits = {} }: RenderOptions = {},
): { headers: RenderedHeader[]; warnings: PlanWarning[] } {
  const warnings: PlanWarning[] = []
  const warn: WarningListener = (code, detail) => warnings.push({ code, detail, handoff: handoff.name })
  const requested: HeaderMap = new Map(Object.entries(perCall).map((header) => [header[0].toLowerCase(), header]))
  const rendered = renderTemplates(handoff, lookup, requested, warn)
  if (contextId !== undefined) addContext(rendered, handoff, contextId)
  const profile = handoff.profile && profiles[handoff.profile]
  const filled = [...rendered.values()].filter(([, value]) => value !== '')
  for (const [name] of filled) {
    const refused = profile?.refuses(name.toLowerCase())
    if (refused !== undefined) warn('header_not_read', `${name} may not arrive: ${refused}`)
  }
  const fitting = withinLimits(filled, headerLimitsOf(handoff.profile, limits), handoff.name)

  return { headers: fitting.headers, warnings: [...warnings, ...fitting.warnings] }
}

/** The room for headers that the receiver's profile and the trunk leave. */
export function headerLimitsOf(profile: Handoff['profile'], trunk: HeaderLimits = {}): HeaderLimits {
  return tighter((profile && profiles[profile])?.limits ?? {}, trunk)
}

/** The handoff's headers, in its order and by lower-case name, with those of the request over them. */
function renderTemplates(
  handoff: Handoff,
  lookup: VariableLookup,
  requested: HeaderMap,
  warn: WarningListener,
): HeaderMap {
  const unknown = new Set<string>()
  const fill = (template: Template): string =>
    safeHeaderValue(template.render(lookup, (variable) => unknown.add(variable)))

  const rendered: HeaderMap = new Map()
  for (const [name, template] of handoff.headers) {
    const key = name.toLowerCase()
    rendered.set(key, [name, requested.has(key) ? '' : fill(template)])
  }
  if (handoff.userToUser && !requested.has('user-to-user')) {
    const { form } = handoff.userToUser
    const readable = fill(handoff.userToUser.value)
    const { value, tooLong } = userToUser(readable, form)
    if (readable !== '') rendered.set('user-to-user', ['User-to-User', value])
    if (tooLong) {
      warn('user_to_user_too_long', `User-to-User has ${tooLong.bytes} bytes; ${form} takes ${tooLong.limit}`)
    }
  }
  for (const [key, [name, value]] of requested) {
    const mistake = headerNameProblem(name)
    if (mistake) warn('header_refused', `${mistake.problem}; it was left out`)
    else rendered.set(key, [rendered.get(key)?.[0] ?? name, safeHeaderValue(value)])
  }
  for (const variable of unknown) warn('unknown_variable', `"${variable}" is not known in this call; it is empty`)

  return rendered
}

/** The id goes into the header that the receiver reads, unless a template has `$context_id` or that header is taken. */
function addContext(rendered: HeaderMap, { profile, headers, userToUser: uui }: Handoff, id: string): void {
  const name = contextHeaderOf(profile)
  const key = name.toLowerCase()
  const templates = [...headers.map(([, template]) => template), ...(uui ? [uui.value] : [])]
  if (rendered.has(key) || templates.some((template) => template.variables().includes('context_id'))) return
  const form = (profile && profiles[profile])?.userToUser ?? 'text'
  rendered.set(key, [name, key === 'user-to-user' ? userToUser(id, form).value : id])
}

/** The headers that fit, in order; a warning names each that does not. A transfer with less data is better than a refused one. */
function withinLimits(
  headers: readonly RenderedHeader[],
  limits: HeaderLimits,
  handoff: string,
): { headers: RenderedHeader[]; warnings: PlanWarning[] } {
  const kept: RenderedHeader[] = []
  const warnings: PlanWarning[] = []
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

function overflow(limits: HeaderLimits, count: number, bytes: number, total: number): PlanWarning | undefined {
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

/** A value with more bytes than its form may have. */
interface TooLongValue {
  bytes: number
  limit: number
}

const utf8 = new TextEncoder()

// ITU-T Q.931 4.5.30, protocol discriminator: 04 says that IA5 characters follow, 00 that the users define the structure.
const ia5 = '04'
const userSpecific = '00'
// Avaya's shared UUI (docs/profiles.md): an element C8, its length in one byte, and at most 96 bytes of data.
const asaiData = 'C8'
const maxAsaiBytes = 96

/** Data of a User-to-User element with its protocol discriminator (ITU-T Q.931 4.5.30). */
const maxIsdnBytes = 128

/**
 * The value of User-to-User: `genesys` 04<hex>;encoding=hex, `avaya` 00C8<length><hex>;encoding=hex, `cisco`
 * <hex>;encoding=hex, `text` a quoted string.
 */
export function userToUser(value: string, form: UserToUserForm): { value: string; tooLong?: TooLongValue } {
  const bytes = utf8.encode(value)
  const hex = Buffer.from(bytes).toString('hex').toUpperCase()

  switch (form) {
    case 'genesys':
      return { value: `${ia5}${hex};encoding=hex`, ...over(bytes.length, maxIsdnBytes - 1) }
    case 'avaya': {
      const length = Math.min(bytes.length, 255).toString(16).toUpperCase().padStart(2, '0')
      return {
        value: `${userSpecific}${asaiData}${length}${hex.slice(0, 510)};encoding=hex`,
        ...over(bytes.length, maxAsaiBytes),
      }
    }
    case 'cisco':
      return { value: `${hex};encoding=hex`, ...over(bytes.length, maxIsdnBytes) }
    case 'text':
      return { value: `"${value.replace(/[\\"]/g, '\\$&')}"` }
  }
}

function over(bytes: number, limit: number): { tooLong?: TooLongValue } {
  return bytes > limit ? { tooLong: { bytes, limit } } : {}
}
