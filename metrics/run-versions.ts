/** How many versions of an environment's table have series of their own. */
const maxVersions = 10

/** The versions that calls of each environment had last, so that the series of those before them can go. */
export class RunVersions {
  readonly #byPlace = new Map<string, number[]>()

  /** A call had this version. Returns those that have become too many. */
  add(place: { project?: string | undefined; environment?: string | undefined }, version = 0): number[] {
    const key = `${place.project} ${place.environment}`
    const versions = this.#byPlace.get(key) ?? []
    if (versions.at(-1) === version) return []
    const latest = [...versions.filter((known) => known !== version), version]
    this.#byPlace.set(key, latest.slice(-maxVersions))

    return latest.slice(0, -maxVersions)
  }
}
