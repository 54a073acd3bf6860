import type { KeptCall } from '../calls/kept-call.ts'
import type { KeptNumber } from '../calls/reserved-numbers.ts'

/** The lines of a journal: JSON, the first one names its schema. A call's last line counts. */

/** Raised when a release of Baton writes lines that the one before cannot read. */
export const journalSchema = 1

interface JournalHead {
  readonly journal: 'calls'
  readonly schema: number
  readonly node: string
}

/** A call that had ended, whose CDR may not be written. */
export interface LeftCall {
  readonly id: string
  /** ISO 8601. */
  readonly endedAt: string | undefined
  /** The CDR's line. */
  readonly json: string
  /** The numbers of pools that it has left held. */
  readonly numbers: readonly KeptNumber[]
}

interface EndLine {
  readonly end: string
  readonly at: string
  readonly cdr: unknown
  readonly numbers?: readonly KeptNumber[]
}

const callStart = '{"call":"'
const endStart = '{"end":"'

export function headLine(node: string): string {
  return `${JSON.stringify({ journal: 'calls', schema: journalSchema, node } satisfies JournalHead)}\n`
}

/** A line in parts: joined, each would be copied once more. */
export type LineParts = readonly [before: string, json: string, after: string]

const after = '}\n'

/** @param kept the call's JSON */
export function callLine(id: string, kept: string): LineParts {
  return [`${callStart}${id}","kept":`, kept, after]
}

/** @param cdr the CDR's JSON */
export function endLine(
  { id, numbers }: { id: string; numbers: readonly KeptNumber[] | undefined },
  endedAt: string | undefined,
  cdr: string,
): LineParts {
  const held = numbers ? `"numbers":${JSON.stringify(numbers)},` : ''

  return [`${endStart}${id}","at":${JSON.stringify(endedAt ?? '')},${held}"cdr":`, cdr, after]
}

/** The schema of a journal by its first line; undefined when that is no head of one. */
export function schemaOf(firstLine: string): number | undefined {
  const head = parsed(firstLine) as Partial<JournalHead> | undefined

  return head?.journal === 'calls' && typeof head.schema === 'number' ? head.schema : undefined
}

/** What the lines of a journal's files come to, taken in order. */
export class JournalContent {
  /** The last line of each call that had not ended. */
  readonly #calls = new Map<string, string>()
  readonly #ended = new Map<string, string>()
  /** Lines that are not whole: a crash or a full disk has cut them off. */
  broken = 0

  take(line: string): void {
    const call = idAfter(callStart, line)
    const ended = call === undefined ? idAfter(endStart, line) : undefined
    if (!line.endsWith('}')) this.broken += line === '' ? 0 : 1
    else if (call !== undefined && !this.#ended.has(call)) this.#calls.set(call, line)
    else if (ended !== undefined) {
      this.#calls.delete(ended)
      this.#ended.set(ended, line)
    }
  }

  /** The calls that had not ended, in the order in which they were kept last. */
  calls(): KeptCall[] {
    return this.#parse(this.#calls, (line) => (line as { kept: KeptCall }).kept)
  }

  ended(): LeftCall[] {
    return this.#parse(this.#ended, (line) => {
      const { end, at, cdr, numbers = [] } = line as EndLine

      return { id: end, endedAt: at === '' ? undefined : at, json: JSON.stringify(cdr), numbers }
    })
  }

  #parse<T>(lines: ReadonlyMap<string, string>, read: (line: object) => T): T[] {
    return [...lines.values()].flatMap((line) => {
      const value = parsed(line)
      if (value) return [read(value)]
      this.broken += 1

      return []
    })
  }
}

function idAfter(start: string, line: string): string | undefined {
  if (!line.startsWith(start)) return undefined
  const end = line.indexOf('"', start.length)

  return end === -1 ? undefined : line.slice(start.length, end)
}

function parsed(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)

    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
