/** The headers of one attempt: the handoff's templates filled in, with those of the request over them. */
import { headerNameProblem, safeHeaderValue } from '../project/header.ts'
import { withinLimits } from '../project/limits.ts'
import { profiles, tighter, type HeaderLimits } from './profiles.ts'
import type { Handoff } from './table.ts'
import type { Lookup, Template } from './template.ts'
import { userToUser } from './user-to-user.ts'

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
