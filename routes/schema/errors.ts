/** One mistake in an operator's document: where it is, what is wrong, what would be right. */
export interface Problem {
  /** RFC 6901 JSON pointer into the document; '' is the document itself. */
  pointer: string
  problem: string
  /** A correction. */
  hint?: string
  /** Line in the text it was read from, counted from 1. */
  line?: number
}

/** Why a value cannot be used, wherever it stands. */
export interface ValueProblem {
  problem: string
  hint: string
}

/** Every error that routing tables raise on purpose, with the HTTP status and the slug that the API shows (RFC 9457). */
const routesErrors = {
  invalid_document: [422, 'The document cannot be read'],
  invalid_project: [422, 'The project file has mistakes'],
  invalid_table: [422, 'The routing table has mistakes'],
  invalid_settings: [422, 'The settings of the environment have mistakes'],
  invalid_command: [422, 'The command cannot be carried out'],
  unknown_project: [404, 'No such project'],
  unknown_environment: [404, 'No such environment'],
  unknown_version: [404, 'No such version'],
  unknown_release: [404, 'No such release'],
  unknown_handoff: [404, 'No such handoff'],
  unknown_schedule: [404, 'No such schedule'],
  unknown_audio: [404, 'No such audio file'],
  unknown_switch: [404, 'No such switch'],
  invalid_switch: [422, 'The switch cannot be set'],
  draft_changed: [412, 'The draft has changed since it was read'],
  promotion_lost: [412, 'Another promotion came first'],
  nothing_to_roll_back: [409, 'There is no earlier release to go back to'],
  out_of_order: [409, 'Another environment must run this version first'],
  number_taken: [409, 'A number reaches another environment'],
  would_fail: [409, 'Handoffs of this version cannot be called'],
  not_rehearsed: [409, 'Handoffs of this version have not been rehearsed'],
  no_version: [409, 'Nothing has been promoted'],
  too_busy: [409, 'Too many changes at once'],
  too_large: [413, 'The project is too large'],
  store_unavailable: [503, 'The store cannot be reached'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type RoutesErrorSlug = keyof typeof routesErrors

/** Refuses an operator's request; the API shows it as problem details. */
export class RoutesError extends Error {
  readonly slug: RoutesErrorSlug
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly errors: readonly Problem[] | undefined

  constructor(slug: RoutesErrorSlug, detail: string, errors?: readonly Problem[], options?: ErrorOptions) {
    const [status, title] = routesErrors[slug]
    super(errors?.length ? `${detail}\n${errors.map(describeProblem).join('\n')}` : detail, options)
    this.name = 'RoutesError'
    this.slug = slug
    this.status = status
    this.title = title
    this.detail = detail
    this.errors = errors
  }
}

/** One mistake as a line of text. */
export function describeProblem({ pointer, problem, hint, line }: Problem): string {
  const place = line === undefined ? pointer || '(document)' : `line ${line}, ${pointer || '(document)'}`

  return `${place}: ${problem}${hint === undefined ? '' : `; ${hint}`}`
}

/**
 * The mistakes that a change has made. A mistake that an earlier version of Baton let pass stays until its own place is
 * changed; indices are not compared, since entries of a list may have moved.
 */
export function newProblems(problems: readonly Problem[], before: readonly Problem[]): Problem[] {
  const known = before.map(kindOf)

  return problems.filter((problem) => {
    const at = known.indexOf(kindOf(problem))
    if (at !== -1) known.splice(at, 1)

    return at === -1
  })
}

function kindOf({ pointer, problem }: Problem): string {
  const steps = pointer.split('/').map((step) => (/^\d+$/.test(step) ? '#' : step))

  return `${steps.join('/')} ${problem}`
}

/** Makes pointers into one part of a document. */
export type PointerBuilder = (...path: (string | number)[]) => string

/** A JSON pointer made of property names and indices (RFC 6901). */
export function pointerTo(...path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The property names and indices of a JSON pointer. */
export function pointerPath(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}
