import { trimBlanks } from './characters.ts'
import { endOfQuoted } from './quoted-string.ts'

/** The end of the list element that begins at `start`: the next comma outside quotes and angle brackets, or the end. */
export function endOfElement(value: string, start: number): number {
  let inBrackets = false
  for (let i = start; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === 44 && !inBrackets) return i
    if (code === 60) inBrackets = true
    else if (code === 62) inBrackets = false
    else if (code === 34 && !inBrackets) {
      const end = endOfQuoted(value, i)
      if (end < 0) return value.length
      i = end - 1
    }
  }

  return value.length
}

/** The elements of a comma list (RFC 3261 7.3.1), trimmed; commas in quotes and angle brackets do not count. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [trimBlanks(value)]
  if (!value.includes('"') && !value.includes('<')) return value.split(',').map(trimBlanks)
  const elements: string[] = []
  for (let start = 0; start <= value.length;) {
    const end = endOfElement(value, start)
    elements.push(trimBlanks(value.slice(start, end)))
    start = end + 1
  }

  return elements
}

/** The first element of a comma list, trimmed. */
export function firstOfList(value: string): string {
  return value.includes(',') ? trimBlanks(value.slice(0, endOfElement(value, 0))) : value
}
