import type { PinnedTable, Routing } from '../../routes/index.ts'

/** A trial of a handoff (`explain`, a rehearsal) that cannot begin, in the form that the API answers as problem details. */
export class TrialRefused extends Error {
  /** HTTP status. */
  readonly status: number
  readonly slug: string
  readonly title: string
  readonly detail: string
  readonly errors?: readonly { pointer: string; problem: string; hint?: string }[]

  constructor(slug: keyof typeof refusals, detail: string, pointer?: string) {
    super(detail)
    ;[this.status, this.title] = refusals[slug]
    this.slug = slug
    this.detail = detail
    if (pointer !== undefined) this.errors = [{ pointer, problem: detail }]
  }
}

const refusals = {
  unknown_environment: [404, 'No such environment'],
  unknown_handoff: [404, 'No such handoff'],
  no_number: [409, 'The environment has no number'],
  no_version: [409, 'Nothing has been promoted'],
  invalid: [422, 'The body is not valid'],
  not_listening: [503, 'Baton does not listen'],
  too_many_rehearsals: [503, 'Too many rehearsals'],
} as const satisfies Record<string, readonly [status: number, title: string]>

/** Which table is tried; without `version` and `draft`, the one that the environment runs. */
export interface TriedTable {
  project: string
  environment: string
  version?: number
  draft?: boolean
}

/**
 * The table of a trial, as the environment runs it or would run it.
 * @param caller chooses between a canary and the release that it would replace
 * @throws TrialRefused, or RoutesError for a project or version that does not exist
 */
export async function trialTable(
  routing: Routing,
  { project, environment, version, draft = false }: TriedTable,
  trial: 'explain' | 'rehearse',
  caller = '',
): Promise<PinnedTable> {
  if (draft || version !== undefined) return routing.environments.candidate(project, environment, version ?? 'draft')

  const pinned = routing.current(project, environment, caller)
  if (pinned === 'unknown') {
    const names = Object.keys(routing.project(project).environments).join(', ')
    throw new TrialRefused(
      'unknown_environment',
      `Project ${project} has no environment "${environment}", but ${names}.`,
    )
  }
  if (!pinned) {
    throw new TrialRefused(
      'no_version',
      `${environment} of ${project} runs no version yet: publish one and promote it, or ${trial} the draft.`,
    )
  }

  return pinned
}
