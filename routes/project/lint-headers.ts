/** Headers of a handoff that are too long for what receives them, as far as that is known before a call. */
import { headerBytes } from './limits.ts'
import type { SipSetup } from '../plan/handoff-problems.ts'
import type { Finding } from './finding.ts'
import type { HandoffRecord, ProjectFile } from './schema.ts'
import { profiles } from '../table/profiles.ts'
import { parseTemplate, Template } from '../table/template.ts'

/** Findings of headers that are too long; pointers are made by `at`. */
export function* lintLongHeaders(
  handoff: HandoffRecord,
  file: Pick<ProjectFile, 'environments'>,
  at: (...path: string[]) => string,
  sipSetup: SipSetup | undefined,
): Generator<Finding> {
  for (const { name, isCertain, problem } of longHeaders(handoff, file, sipSetup?.trunks)) {
    yield {
      severity: isCertain ? 'error' : 'warning',
      code: name === undefined ? 'headers_too_large' : 'header_too_large',
      pointer: name === undefined ? at('headers') : at('headers', name),
      problem,
      hint: 'make it shorter, or raise header_limits of the trunk: what is too long is left out',
    }
  }
}

/** What a trunk takes unless its `header_limits` say otherwise (docs/configuration.md); for a Baton whose trunks are not known. */
const usualTrunk = { name: '', headerLimits: { bytesEach: 2048, bytesTotal: 8192 } }

/** What limits a header, and by how many bytes. */
interface HeaderLimit {
  bytes: number | undefined
  taker: string
  isCertain: boolean
}

interface HeaderFinding {
  /** The header; undefined when it is all of them together. */
  name: string | undefined
  /** The limits of the receiver and of known trunks are certain; that of other trunks may have been raised. */
  isCertain: boolean
  problem: string
}

/**
 * What cannot fit, by what a template says itself and the variables of the environments; callers' data comes on top.
 * @param trunks those that are configured, whose callers a handoff is for
 */
function* longHeaders(
  handoff: HandoffRecord,
  file: Pick<ProjectFile, 'environments'>,
  trunks?: SipSetup['trunks'],
): Generator<HeaderFinding> {
  const limitsOf = (of: 'bytesEach' | 'bytesTotal'): HeaderLimit[] => [
    ...(handoff.profile === undefined
      ? []
      : [{ bytes: profiles[handoff.profile].limits[of], taker: handoff.profile, isCertain: true }]),
    ...(trunks ?? [usualTrunk]).map(({ name, headerLimits }) => ({
      ...{ bytes: headerLimits?.[of], isCertain: trunks !== undefined },
      taker: trunks === undefined ? 'a trunk' : `trunk ${name}`,
    })),
  ]
  const each = Object.entries(handoff.headers ?? {}).map(([name, value]) => ({
    name,
    bytes: headerBytes([name, longest(value, file)]),
  }))
  for (const { name, bytes } of each) {
    const problem = tooLong(`has at least ${bytes} bytes`, bytes, limitsOf('bytesEach'))
    if (problem) yield { name, ...problem }
  }
  const total = each.reduce((sum, { bytes }) => sum + bytes, 0)
  const problem = tooLong(`have at least ${total} bytes`, total, limitsOf('bytesTotal'))
  if (problem) yield { name: undefined, ...problem }
}

function tooLong(what: string, bytes: number, limits: readonly HeaderLimit[]): Omit<HeaderFinding, 'name'> | undefined {
  const exceeded = limits.find((limit) => limit.bytes !== undefined && bytes > limit.bytes)
  if (!exceeded) return undefined
  const { taker, isCertain, bytes: most = 0 } = exceeded

  return { isCertain, problem: `${what}, ${taker} takes ${most}${isCertain ? '' : ' unless it is told otherwise'}` }
}

/** The longest that a template becomes in any environment, without what calls bring. */
function longest(value: string, { environments }: Pick<ProjectFile, 'environments'>): string {
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
