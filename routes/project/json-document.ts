import { pointerTo, type Problem } from '../schema/errors.ts'

const maxDepth = 64

interface JsonLevel {
  /** The keys of an object so far; undefined for an array. */
  keys: Set<string> | undefined
  /** The key or the index of the next value. */
  at: string | number
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:\n]|[^\s{}[\],:"]+/g

/** Problems that `JSON.parse` lets pass: repeated keys, and nesting beyond `maxDepth`. */
export function jsonProblems(text: string): Problem[] {
  const problems: Problem[] = []
  walk(text, {
    tooDeep: (line) => problems.push({ pointer: '', problem: `is nested deeper than ${maxDepth}`, line }),
    keyTwice: (path, line) => problems.push({ pointer: path(), problem: 'Map keys must be unique', line }),
  })

  return problems
}

/** The line of each value, by its pointer; the text must be valid JSON. */
export function jsonLines(text: string): Map<string, number> {
  const lines = new Map<string, number>()
  walk(text, { value: (path, line) => lines.set(path(), line) })

  return lines
}

interface JsonVisitor {
  value?: (path: () => string, line: number) => void
  keyTwice?: (path: () => string, line: number) => void
  tooDeep?: (line: number) => void
}

// complexity: one case for each structural character of JSON (RFC 8259 2).
// eslint-disable-next-line complexity
function walk(text: string, visitor: JsonVisitor): void {
  const levels: JsonLevel[] = []
  const path = (): string => pointerTo(...levels.map(({ at }) => at))
  let line = 1
  let expectsKey = false

  for (const [token] of text.matchAll(tokens)) {
    const level = levels.at(-1)
    switch (token) {
      case '\n':
        line += 1
        break
      case '{':
      case '[':
        visitor.value?.(path, line)
        if (levels.length === maxDepth) {
          visitor.tooDeep?.(line)
          return
        }
        expectsKey = token === '{'
        levels.push(expectsKey ? { keys: new Set(), at: '' } : { keys: undefined, at: 0 })
        break
      case '}':
      case ']':
        levels.pop()
        expectsKey = false
        break
      case ',':
        if (typeof level?.at === 'number') level.at += 1
        expectsKey = level?.keys !== undefined
        break
      case ':':
        break
      default:
        if (!expectsKey || !level?.keys) visitor.value?.(path, line)
        else {
          level.at = JSON.parse(token) as string
          if (level.keys.has(level.at)) visitor.keyTwice?.(path, line)
          level.keys.add(level.at)
          expectsKey = false
        }
    }
  }
}
