import { Lexer } from 'yaml'

/** Bounds on a document in YAML: its parser takes time and memory out of all proportion to what is nested or repeated. */
const maxDepth = 64
const maxIndentation = 256
const maxAliases = 100
const maxTokens = 400_000

/** Why a text is not given to the YAML parser, and in which line; undefined when it is within the bounds. Reads no further than that. */
export function excessOf(text: string): { problem: string; line: number } | undefined {
  const bounds = new YamlBounds()
  for (const token of new Lexer().lex(text)) {
    const problem = bounds.take(token)
    if (problem !== undefined) return { problem, line: bounds.line }
  }

  return undefined
}

/** Follows the tokens of a text: how deep they are nested, how often they refer to others, and how many there are. */
class YamlBounds {
  line = 1
  #tokens = 0
  #aliases = 0
  /** Brackets and braces that are open. */
  #flowDepth = 0
  /** Indicators of block sequences and keys in this line, each of which nests. */
  #indicators = 0
  #isLineStart = true
  #isScalarNext = false

  take(token: string): string | undefined {
    if (++this.#tokens > maxTokens) return `has more than ${maxTokens} words and signs`
    if (this.#isScalarNext) {
      this.#isScalarNext = false
      this.#countLines(token)

      return undefined
    }
    const isLineStart = this.#isLineStart
    this.#isLineStart = token.endsWith('\n')
    if (this.#isLineStart) this.#indicators = 0
    this.#countLines(token)
    switch (token[0]) {
      case '\u001f':
        this.#isScalarNext = true
        return undefined
      case '[':
      case '{':
        return ++this.#flowDepth > maxDepth ? tooDeep : undefined
      case ']':
      case '}':
        this.#flowDepth = Math.max(0, this.#flowDepth - 1)
        return undefined
      case '-':
      case '?':
      case ':':
        return ++this.#indicators > maxDepth ? tooDeep : undefined
      case '*':
        return ++this.#aliases > maxAliases ? `has more than ${maxAliases} aliases` : undefined
      case ' ':
        return isLineStart && token.length > maxIndentation ? tooDeep : undefined
      default:
        return undefined
    }
  }

  #countLines(token: string): void {
    for (let at = token.indexOf('\n'); at !== -1; at = token.indexOf('\n', at + 1)) this.line += 1
  }
}

const tooDeep = `is nested deeper than ${maxDepth}`
