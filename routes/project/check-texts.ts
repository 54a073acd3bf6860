/** Control characters, which no text of a document or a request may hold. */
import { pointerTo, type Problem } from '../errors.ts'
import { textProblem } from './header.ts'

/** Every text in a value, names of fields included, that holds a control character: at its place. */
export function textMistakes(value: unknown): Problem[] {
  const problems: Problem[] = []
  // A document may be nested more deeply than the stack allows.
  const left: { pointer: string; value: unknown }[] = [{ pointer: '', value }]
  for (let next = left.pop(); next; next = left.pop()) {
    const { pointer, value: found } = next
    if (typeof found === 'string') {
      const mistake = textProblem(found)
      if (mistake) problems.push({ pointer, ...mistake })
    } else if (typeof found === 'object' && found !== null) {
      for (const [name, inner] of Object.entries(found)) {
        const at = pointer + pointerTo(name)
        const mistake = textProblem(name)
        if (mistake) problems.push({ pointer: at, ...mistake })
        left.push({ pointer: at, value: inner })
      }
    }
  }

  return problems
}
