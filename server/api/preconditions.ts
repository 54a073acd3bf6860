import { ApiRefusal } from './problems.ts'

/** A strong entity tag (RFC 9110 8.8.3). */
export function entityTag(digest: string): string {
  return `"${digest}"`
}

/**
 * The digest that `If-Match` asks for; undefined when it asks for nothing (none given, or `*`).
 * @param current the digest now, to choose among several
 */
export function wantedDigest(
  ifMatch: string | undefined,
  current: () => Promise<string> | string,
): Promise<string | undefined> | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined

  const tags = ifMatch.split(',').map((tag) => /^\s*"([\x21\x23-\x7e]*)"\s*$/.exec(tag)?.[1])
  // RFC 9110 13.1.1: If-Match compares strongly, so a weak tag matches nothing.
  const strong = tags.filter((tag) => tag !== undefined)
  if (strong.length === 1) return Promise.resolve(strong[0])

  return Promise.resolve(current()).then((now) => {
    if (strong.includes(now)) return now
    throw new ApiRefusal('precondition_failed', `If-Match names ${ifMatch}, and it is now ${entityTag(now)}.`)
  })
}
