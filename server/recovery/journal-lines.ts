import type { CallView } from '../legs/views.ts'
import type { KeptCall } from '../calls/kept-call.ts'
import type { KeptNumber } from '../calls/reserved-numbers.ts'
import { isObject, journalSchemas, type JournalSchemas } from './journal-schemas.ts'

/** The lines of a journal: JSON, the first one names its schema. A call's last line counts. */

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

const callStart = '{"call":"'
const viewStart = '{"view":"'
const endStart = '{"end":"'

export function headLine(node: string): string {
  return `${JSON.stringify({ journal: 'calls', schema: journalSchemas.present, node } satisfies JournalHead)}\n`
}

/** A line in parts: joined, each would be copied once more. */
export type LineParts = readonly [before: string, json: string, after: string]

/** In characters. */
export const sizeOf = ([before, json, after]: LineParts): number => before.length + json.length + after.length

const after = '}\n'

/** @param kept the call's JSON */
export function callLine(id: string, kept: string): LineParts {
  return [`${callStart}${id}","kept":`, kept, after]
}

/** Of a call that no other process can take up. @param view its JSON */
export function viewLine(id: string, view: string): LineParts {
  return [`${viewStart}${id}","of":`, view, after]
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
function schemaOf(firstLine: string): number | undefined {
  const head: Partial<Record<keyof JournalHead, unknown>> | undefined = parsed(firstLine)

  return head?.journal === 'calls' && typeof head.schema === 'number' ? head.schema : undefined
}

interface CallLine {
  readonly text: string
  readonly schema: number
}

/** What the lines of a journal's files come to, taken in order. Never throws, whatever the files have. */
export class JournalContent {
  readonly #schemas: JournalSchemas
  /** The last line of each call that had not ended. */
  readonly #calls = new Map<string, CallLine>()
  /** Of the calls that no other process can take up. */
  readonly #views = new Map<string, string>()
  readonly #ended = new Map<string, string>()
  /** Lines that are not whole, or no lines of a journal: a crash or a full disk has cut them off. */
  broken = 0

  constructor(schemas = journalSchemas) {
    this.#schemas = schemas
  }

  /** Takes the text of a file. @returns why nothing of it is taken: its schema is not one that this release reads */
  takeFile(text: string): string | undefined {
    const [head = '', ...lines] = text.split('\n')
    // The process before ended as it began the file.
    if (lines.length === 0) {
      this.broken += head === '' ? 0 : 1

      return undefined
    }
    const schema = schemaOf(head)
    if (schema === undefined) return 'it is no journal of calls'
    if (!this.#schemas.reads(schema)) return `its schema is ${String(schema)}`
    // A whole line has its end: what follows the last one is cut off.
    if (lines.pop() !== '') this.broken += 1
    for (const line of lines) this.#take(line, schema)

    return undefined
  }

  /** The calls that had not ended, in the order in which they were kept last. */
  calls(): KeptCall[] {
    return this.#read(this.#calls, ({ text, schema }, id) => {
      const call = this.#schemas.callOf(parsed(text)?.kept, schema)

      return call?.id === id ? call : undefined
    })
  }

  /** The calls that had not ended, and ended with their process. */
  views(): CallView[] {
    return this.#read(this.#views, (line, id) => {
      const view = parsed(line)?.of

      return isView(view) && view.id === id ? view : undefined
    })
  }

  ended(): LeftCall[] {
    return this.#read(this.#ended, (line, id) => {
      const { at, cdr, numbers } = parsed(line) ?? {}
      if (typeof at !== 'string' || !isObject(cdr)) return undefined
      const held = Array.isArray(numbers) ? numbers.filter(isKeptNumber) : []

      return { id, endedAt: at === '' ? undefined : at, json: JSON.stringify(cdr), numbers: held }
    })
  }

  #take(line: string, schema: number): void {
    const call = idAfter(callStart, line)
    const view = call === undefined ? idAfter(viewStart, line) : undefined
    const ended = (call ?? view) === undefined ? idAfter(endStart, line) : undefined
    if (!line.endsWith('}') || (call ?? view ?? ended) === undefined) this.broken += 1
    else if (call !== undefined && !this.#ended.has(call)) this.#calls.set(call, { text: line, schema })
    else if (view !== undefined && !this.#ended.has(view)) this.#views.set(view, line)
    else if (ended !== undefined) {
      this.#calls.delete(ended)
      this.#views.delete(ended)
      this.#ended.set(ended, line)
    }
  }

  #read<Line, T>(lines: ReadonlyMap<string, Line>, read: (line: Line, id: string) => T | undefined): T[] {
    return [...lines].flatMap(([id, line]) => {
      const value = read(line, id)
      if (value !== undefined) return [value]
      this.broken += 1

      return []
    })
  }
}

function isKeptNumber(value: unknown): value is KeptNumber {
  return isObject(value) && typeof value.number === 'string' && typeof value.hold === 'number'
}

/** Whether it has what is needed to end it. */
function isView(value: unknown): value is CallView {
  return isObject(value) && typeof value.id === 'string' && Array.isArray(value.transfers)
}

function idAfter(start: string, line: string): string | undefined {
  if (!line.startsWith(start)) return undefined
  const end = line.indexOf('"', start.length)

  return end === -1 ? undefined : line.slice(start.length, end)
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)

    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
