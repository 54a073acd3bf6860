type MaxEdits = (word: string, candidate: string) => number

const twoOrAThird: MaxEdits = (word) => Math.min(2, Math.floor(word.length / 3))

/** The candidate that a mistyped word most likely stands for, case aside; undefined when each is more than `maxEdits` away. */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  maxEdits: MaxEdits = twoOrAThird,
): string | undefined {
  let best: string | undefined
  let fewest = Infinity
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (edits < fewest && edits <= maxEdits(word, candidate)) [best, fewest] = [candidate, edits]
  }

  return best
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }

  return row[b.length] ?? 0
}
