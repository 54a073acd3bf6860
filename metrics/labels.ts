/**
 * The values that a label may have. Prometheus stores each series, so no label has phone numbers, addresses or Call-IDs: a
 * value outside the set becomes `other`.
 */
export interface Label<Given> {
  /** The set, in words, for docs/metrics.md. */
  readonly values: string
  /** The value of the set that stands for `given`. */
  guard(given: Given): string
}

const other = 'other'

/** One of a few words. */
export function oneOf<const T extends string>(...words: T[]): Label<T> {
  const known = new Set<string>(words)

  return { values: words.map((word) => `\`${word}\``).join(' '), guard: (given) => (known.has(given) ? given : other) }
}

/** A reason slug of the code, such as `no_answer`. */
export const slug: Label<string> = {
  values: 'a slug',
  guard: (given) => (/^[a-z][a-z0-9_]{0,47}$/.test(given) ? given : other),
}

/** The name of a project, an environment or a handoff: bounded by the routing tables; a number or a URI is no name. */
export const name: Label<string | undefined> = {
  values: 'its name, or `none`',
  guard: (given) => {
    if (given === undefined || given === '') return 'none'

    return /[A-Za-z]/.test(given) && /^[A-Za-z0-9][\w.-]{0,63}$/.test(given) ? given : other
  },
}

// RFC 3261, 3262, 3311, 3428, 3515, 3903, 6086 and 6665: all other methods share one series.
const methods = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE MESSAGE REFER PUBLISH INFO SUBSCRIBE NOTIFY'.split(' '),
)

export const sipMethod: Label<string> = {
  values: 'a SIP method; `OTHER` for one that no RFC has',
  guard: (given) => (methods.has(given) ? given : 'OTHER'),
}

export const sipCode: Label<number | undefined> = {
  values: 'a SIP status; `none` without one',
  guard: (given) => {
    if (given === undefined) return 'none'

    return Number.isInteger(given) && given >= 100 && given <= 699 ? String(given) : other
  },
}

/** The pattern of a path, such as `/v1/calls/:call`; not the path of the request. */
export const httpRoute: Label<string | undefined> = {
  values: 'the pattern of a path, such as `/v1/calls/:call`; `none` for a path that is not there',
  guard: (given) => {
    if (given === undefined) return 'none'

    return /^\/[\w/:.*-]{0,100}$/.test(given) ? given : other
  },
}

/** The path of a file that a setting names. */
export const filePath: Label<string> = {
  values: 'the path of a file that a setting names',
  guard: (given) => (/^[\w /\\:.@+-]{1,255}$/.test(given) ? given : other),
}

export const httpMethod: Label<string> = oneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')

/** The number of a routing table's version. Bounded, since `RunVersions` removes the series of old versions. */
export const tableVersion: Label<number | undefined> = {
  values: 'the number of a version, of the last ten that calls of the environment had; `none` without one',
  guard: (given) => (given !== undefined && Number.isInteger(given) && given > 0 ? String(given) : 'none'),
}

/** What the configuration names: a URI of a gateway or agent without its user, or the name of a trunk, handoff or project. */
export const targetName: Label<string> = {
  values: 'a name or an address of the configuration',
  guard: (given) => (/^[\w.:[\]/;=-]{1,255}$/.test(given) ? given : other),
}

/** The beginning of numbers that a setting names. */
export const numberPrefix: Label<string> = {
  values: 'the beginning of numbers that a setting names',
  guard: (given) => (/^\+\d{0,15}$/.test(given) ? given : other),
}

/** The version of this software. */
export const softwareVersion: Label<string> = {
  values: 'the version',
  guard: (given) => (/^\d[\w.+-]{0,31}$/.test(given) ? given : other),
}

/** Versions of an environment's table that have series. */
const maxVersions = 10

/** The latest versions of each environment's calls, so that the series of earlier ones can be removed. */
export class RunVersions {
  readonly #byPlace = new Map<string, number[]>()

  /** Notes the version of a call. Returns the versions beyond `maxVersions`. */
  add(place: { project?: string | undefined; environment?: string | undefined }, version = 0): number[] {
    const key = `${place.project} ${place.environment}`
    const versions = this.#byPlace.get(key) ?? []
    if (versions.at(-1) === version) return []
    const latest = [...versions.filter((known) => known !== version), version]
    this.#byPlace.set(key, latest.slice(-maxVersions))

    return latest.slice(0, -maxVersions)
  }
}
