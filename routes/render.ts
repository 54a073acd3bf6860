/** The headers of one attempt: the handoff's templates filled in, with those of the request over them. */
import { headerNameProblem, safeHeaderValue } from './header.ts'
import type { Handoff } from './table.ts'
import type { Lookup } from './template.ts'

/** Something an operator should know; nothing that stops a transfer. */
export interface Warning {
  code: string
  detail: string
  handoff?: string
}

export type RenderedHeader = readonly [name: string, value: string]

/**
 * Renders a handoff's headers. What comes from the call is made safe for SIP; a header without a value is left out, and so is
 * one of the request that may not be set. Names are compared without case, and the handoff's spelling is kept.
 */
export function renderHeaders(
  handoff: Handoff,
  lookup: Lookup,
  perCall: Readonly<Record<string, string>> = {},
): { headers: RenderedHeader[]; warnings: Warning[] } {
  const warnings: Warning[] = []
  const unknown = new Set<string>()
  const rendered = new Map<string, RenderedHeader>()

  const replaced = new Set(Object.keys(perCall).map((name) => name.toLowerCase()))
  for (const [name, template] of handoff.headers) {
    if (replaced.has(name.toLowerCase())) {
      rendered.set(name.toLowerCase(), [name, ''])
      continue
    }
    const value = template.render(lookup, (variable) => unknown.add(variable))
    rendered.set(name.toLowerCase(), [name, safeHeaderValue(value)])
  }
  for (const [name, value] of Object.entries(perCall)) {
    const mistake = headerNameProblem(name)
    if (mistake) {
      warnings.push({ code: 'header_refused', detail: `${mistake.problem}; it was left out`, handoff: handoff.name })
      continue
    }
    const key = name.toLowerCase()
    rendered.set(key, [rendered.get(key)?.[0] ?? name, safeHeaderValue(value)])
  }
  for (const variable of unknown) {
    const detail = `"${variable}" is not known in this call; it is empty`
    warnings.push({ code: 'unknown_variable', detail, handoff: handoff.name })
  }

  return { headers: [...rendered.values()].filter(([, value]) => value !== ''), warnings }
}
