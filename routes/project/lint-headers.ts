/** Headers of a handoff that are too long for what receives them, as far as that is known before a call. */
import { headerBytes } from './limits.ts'
import type { HandoffRecord, ProjectFile } from './schema.ts'
import { profiles } from '../table/profiles.ts'
import { parseTemplate, Template } from '../table/template.ts'

/** What a trunk takes unless its `header_limits` say otherwise (docs/configuration.md). */
const usualLimits = { bytesEach: 2048, bytesTotal: 8192 }

export interface HeaderFinding {
  /** The header; undefined when it is all of them together. */
  name: string | undefined
  /** The receiver's own limit is certain; that of a trunk may have been raised. */
  isCertain: boolean
  problem: string
}

/** What cannot fit, by what a template says itself and the variables of the environments; callers' data comes on top. */
export function* longHeaders(handoff: HandoffRecord, file: ProjectFile): Generator<HeaderFinding> {
  const { profile } = handoff
  const limits = profile === undefined ? {} : profiles[profile].limits
  const each = Object.entries(handoff.headers ?? {}).map(([name, value]) => ({
    name,
    bytes: headerBytes([name, longest(value, file)]),
  }))
  for (const { name, bytes } of each) {
    const problem = tooLong(`has at least ${bytes} bytes`, bytes, profile, limits.bytesEach, usualLimits.bytesEach)
    if (problem) yield { name, ...problem }
  }
  const total = each.reduce((sum, { bytes }) => sum + bytes, 0)
  const problem = tooLong(`have at least ${total} bytes`, total, profile, limits.bytesTotal, usualLimits.bytesTotal)
  if (problem) yield { name: undefined, ...problem }
}

function tooLong(
  what: string,
  bytes: number,
  profile: string | undefined,
  own: number | undefined,
  usual: number,
): Omit<HeaderFinding, 'name'> | undefined {
  if (own !== undefined && bytes > own) return { isCertain: true, problem: `${what}, ${profile ?? ''} takes ${own}` }

  return bytes > usual
    ? { isCertain: false, problem: `${what}, a trunk takes ${usual} unless it is told otherwise` }
    : undefined
}

/** The longest that a template becomes in any environment, without what calls bring. */
function longest(value: string, { environments }: ProjectFile): string {
  const template = parseTemplate(value)
  if (!(template instanceof Template)) return ''
  const rendered = Object.values(environments).map(({ variables = {} }) =>
    template.render(
      (variable) => variables[variable] ?? '',
      () => undefined,
    ),
  )

  return rendered.sort((a, b) => Buffer.byteLength(b) - Buffer.byteLength(a))[0] ?? ''
}
