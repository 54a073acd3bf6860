/** The engine's reasons, which name headers and limits, as slugs for a metric's label. */
export function countedBySlug(reasons: ReadonlyMap<string, number>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [reason, count] of reasons) {
    const slug = slugOf(reason)
    counts.set(slug, (counts.get(slug) ?? 0) + count)
  }

  return counts
}

function slugOf(reason: string): string {
  // Strangers choose the names of headers.
  if (/ is longer than \d+ bytes$/.test(reason)) return 'header_too_long'
  const plain = /^Bad Request \((.*)\)$/.exec(reason)?.[1] ?? reason
  const words = plain.toLowerCase().match(/[a-z]+/g) ?? []

  return words.join('_').slice(0, 48)
}
