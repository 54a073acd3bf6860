/** Gateways and agents, as operators write them, in the order in which a call tries them. */

/** RFC 2782: by priority; among equal priorities at random, in proportion to the weights. */
export function inOrderOfService<T extends { readonly priority: number; readonly weight: number }>(
  records: readonly T[],
  random: () => number,
): T[] {
  const left = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight)
  const ordered: T[] = []
  for (let first = left[0]; first; first = left[0]) {
    const { priority } = first
    const equals = left.filter((record) => record.priority === priority)
    const total = equals.reduce((sum, { weight }) => sum + weight, 0)
    let ticket = random() * total
    // Records of weight 0 come first in the list: they are chosen only when the ticket is 0.
    const index = equals.findIndex(({ weight }) => (ticket -= weight) <= 0)
    ordered.push(...left.splice(Math.max(0, index), 1))
  }

  return ordered
}

/** A bound on what a gateway, an agent, a trunk, a handoff, an environment or a project takes. */
export interface Limit {
  /** Calls at once. */
  calls?: number
  /** New calls a second. */
  cps?: number
  /** Seconds that a call waits for room. */
  queue?: number
}

/** The shares of choices that weights decide between, in words; '' when none do. */
export function sharesInWords(choices: Choices): string {
  return groupsOf(choices.all)
    .filter((group) => group.length > 1 && group.some(({ weight }) => weight !== undefined))
    .map((group) => {
      const total = group.reduce((sum, { weight = 1 }) => sum + weight, 0)

      return group.map(({ uri, weight = 1 }) => `${uri} ${percentOf(weight, total, group.length)} %`).join(', ')
    })
    .join('; then ')
}

function percentOf(weight: number, total: number, among: number): number {
  return Math.round(total === 0 ? 100 / among : (100 * weight) / total)
}

/** A choice as it is written: a URI, or a URI with its place among the others. */
export type WrittenChoice =
  string | { uri: string; priority?: number | undefined; weight?: number | undefined; limit?: Limit | undefined }

export function uriOfChoice(written: WrittenChoice): string {
  return typeof written === 'string' ? written : written.uri
}

/** One gateway or agent. */
export interface Choice {
  readonly uri: string
  readonly priority: number
  /** Undefined where the order of the list decides. */
  readonly weight: number | undefined
  readonly limit: Limit | undefined
}

/** The gateways of a trunk, or the agents of an environment. */
export class Choices {
  /** By priority, and in the order of the list. */
  readonly all: readonly Choice[]
  readonly uris: readonly string[]
  /** Whether weights decide between some of them, so that the order differs from call to call. */
  readonly isWeighted: boolean

  constructor(written: readonly WrittenChoice[]) {
    this.all = written.map(choiceOf).sort((a, b) => a.priority - b.priority)
    this.uris = this.all.map(({ uri }) => uri)
    this.isWeighted = this.all.some(({ weight }) => weight !== undefined)
  }

  /**
   * The order for one call: by priority; among equal priorities by weight where one of them has any, else as they are listed.
   * @param random from 0 to below 1
   */
  ordered(random: () => number): readonly Choice[] {
    return this.isWeighted ? groupsOf(this.all).flatMap((group) => orderedGroup(group, random)) : this.all
  }
}

function choiceOf(written: WrittenChoice): Choice {
  const { uri, priority = 0, weight, limit } = typeof written === 'string' ? { uri: written } : written

  return { uri, priority, weight, limit }
}

function groupsOf(choices: readonly Choice[]): Choice[][] {
  const groups: Choice[][] = []
  for (const choice of choices) {
    const last = groups.at(-1)
    if (last?.[0]?.priority === choice.priority) last.push(choice)
    else groups.push([choice])
  }

  return groups
}

function orderedGroup(group: readonly Choice[], random: () => number): readonly Choice[] {
  if (group.every(({ weight }) => weight === undefined)) return group

  return inOrderOfService(
    group.map((choice) => ({ choice, priority: 0, weight: choice.weight ?? 1 })),
    random,
  ).map(({ choice }) => choice)
}
