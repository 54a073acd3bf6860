/** Findings about what the configured trunks and listeners cannot call or carry, known before the first call. */
import { inSlices } from '../../base/slices.ts'
import { pointerTo, type PointerBuilder, type Problem } from '../schema/errors.ts'
import { callersProblems, type HandoffProblem, type SipSetup } from '../plan/handoff-problems.ts'
import { compileHandoff } from '../table/table.ts'
import type { Table, HandoffRecord, ProjectFile } from '../schema/project-file.ts'
import { headerBytes } from '../table/render.ts'
import { profiles } from '../table/profiles.ts'
import { parseTemplate, Template } from '../table/template.ts'

/** `error` stops a publication, `warning` is likely to hurt callers, `info` is a suggestion. */
export type LintSeverity = 'error' | 'warning' | 'info'

export interface LintFinding extends Problem {
  severity: LintSeverity
  code: string
}

const hints: Readonly<Record<HandoffProblem['code'], string>> = {
  no_gateway: 'give the trunk gateways, or the handoff a trunk that has one or a SIP URI',
  premium_denied: 'add its beginning to allow_premium of the trunk, if the cost is meant',
  number_format: 'give the handoff a number_format of its own, or correct that of the trunk',
  unknown_trunk: 'name a trunk that is configured',
  refer_not_supported: 'set the handoff’s fallback to invite',
  no_listener: 'add such a listener to SIP_LISTEN, or change the gateway’s or the route’s transport',
}

/**
 * A finding for each problem of an active handoff with the callers of a trunk: an error when every attempt fails, a
 * warning when another attempt is left. Pointers are into the table, which `checkTable` must have accepted. Takes turns of
 * the event loop.
 */
export async function lintCallable({ handoffs }: Table, sipSetup: SipSetup): Promise<LintFinding[]> {
  const findings: LintFinding[] = []
  await inSlices(handoffs.entries(), ([i, record]) => {
    if (record.active !== false) findings.push(...callersFindings(record, i, sipSetup))
  })

  return findings
}

function callersFindings(record: HandoffRecord, i: number, sipSetup: SipSetup): LintFinding[] {
  const problems = callersProblems(compileHandoff(record), sipSetup).flatMap(({ trunk, problems: found, isHopeless }) =>
    found.map(({ code, method, detail }): LintFinding => ({
      severity: isHopeless ? 'error' : 'warning',
      code,
      pointer: pointerTo('handoffs', i, code === 'unknown_trunk' ? 'trunk' : 'route'),
      problem: `callers of trunk ${trunk}, ${method.toUpperCase()}: ${detail}`,
      hint: hints[code],
    })),
  )

  return record.encryption === 'required' ? [...problems, srtpOfCallers(i)] : problems
}

/** With direct media a destination gets the caller's own session, and Baton does not turn RTP into SRTP. */
function srtpOfCallers(i: number): LintFinding {
  return {
    severity: 'warning',
    code: 'srtp_required',
    pointer: pointerTo('handoffs', i, 'encryption'),
    problem: 'callers whose session is not SRTP are not put through: media is direct, and is not encrypted on the way',
    hint: 'use preferred, or see that every trunk’s callers offer SRTP',
  }
}

/** Findings of headers that are too long; `at` makes their pointers. */
export function* lintLongHeaders(
  handoff: HandoffRecord,
  file: Pick<ProjectFile, 'environments'>,
  at: PointerBuilder,
  sipSetup: SipSetup | undefined,
): Generator<LintFinding> {
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

/** The default `header_limits` of a trunk (docs/configuration.md), for lint without a configuration. */
const usualTrunk = { name: '', headerLimits: { bytesEach: 2048, bytesTotal: 8192 } }

/** A size limit of headers, and the receiver or trunk that has it. */
interface HeaderLimit {
  bytes: number | undefined
  taker: string
  isCertain: boolean
}

interface HeaderFinding {
  /** The header; undefined for all headers together. */
  name: string | undefined
  /** The limits of the receiver and of configured trunks are certain; the default of other trunks may have been raised. */
  isCertain: boolean
  problem: string
}

/**
 * Headers that are too long already with a template's own text and the variables of the environments, without callers'
 * data.
 * @param trunks the configured trunks, whose callers a handoff is for
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
  const { taker, isCertain, bytes: maxBytes = 0 } = exceeded

  return { isCertain, problem: `${what}, ${taker} takes ${maxBytes}${isCertain ? '' : ' unless it is told otherwise'}` }
}

/** The longest text of a template in any environment, without callers' data. */
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
