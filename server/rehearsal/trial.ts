/** A rehearsal that cannot begin, in the form that the API answers as problem details. */
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
