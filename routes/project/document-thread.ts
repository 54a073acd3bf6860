/** Long documents are read in a thread of their own, so that calls do not wait for the parser. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { RoutesError, type Problem } from '../schema/errors.ts'
import { checkProject } from './check.ts'
import { readDocument, type SourceText } from './document.ts'
import type { ReadingResult, ReadingTask } from './document-worker.ts'

/** Characters: a longer document is read in a thread of its own. */
const maxLengthHere = 8 * 1024
const maxReadingMs = 15_000
const maxHeapMb = 512
/** Long documents that may wait for the thread. */
const maxWaiting = 16

export interface LongDocument {
  value: unknown
  /** The same problems with their lines. */
  locate: (problems: readonly Problem[]) => Promise<Problem[]>
}

/** Reads JSON or YAML as `readDocument` does, without delaying calls. Rejects with a RoutesError (422) for any other text. */
export async function readDocumentAside(source: SourceText): Promise<LongDocument> {
  const { value, locate } = await readAside(source, 'value')

  return { value, locate }
}

/** As readDocumentAside, with every mistake that `checkProject` finds. */
export async function readProjectAside(source: SourceText): Promise<LongDocument & { problems: Problem[] }> {
  return readAside(source, 'project')
}

async function readAside(
  source: SourceText,
  kind: 'value' | 'project',
): Promise<LongDocument & { problems: Problem[] }> {
  if (source.text.length <= maxLengthHere) {
    const { value, locate } = readDocument(source)
    const problems = kind === 'project' ? checkProject(value) : []

    return { value, problems, locate: (located) => Promise.resolve(locate(located)) }
  }
  const { value, problems } = await inTurn({ source, kind })
  const locate: LongDocument['locate'] = async (located) =>
    (await inTurn({ source, kind: 'lines', problems: located })).problems

  return { value, problems, locate }
}

let waiting = 0
let last: Promise<unknown> = Promise.resolve()

/** One document at a time, since each takes a processor and memory. */
async function inTurn(task: ReadingTask): Promise<{ value: unknown; problems: Problem[] }> {
  if (waiting >= maxWaiting) {
    throw new RoutesError('too_busy', 'Too many long documents wait to be read; send it again.')
  }
  waiting += 1
  const read = last.then(() => readInThread(task))
  last = read.catch(() => undefined)
  try {
    return await read
  } finally {
    waiting -= 1
  }
}

async function readInThread(task: ReadingTask): Promise<{ value: unknown; problems: Problem[] }> {
  const worker = startReader(task)
  const deadline = AbortSignal.timeout(maxReadingMs)
  let result: ReadingResult
  try {
    const [message] = (await once(worker, 'message', { signal: deadline })) as [ReadingResult]
    result = message
  } catch (error) {
    const isMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
    if (!isMemory && !deadline.aborted) throw error
    const excess = isMemory ? `more than ${maxHeapMb} MB` : `more than ${maxReadingMs / 1000} s`
    throw new RoutesError('too_large', `Reading the document takes ${excess}; make it smaller, or send JSON.`)
  } finally {
    // The thread may have ended already; a rejection of terminate() is no news.
    worker.terminate().catch(() => undefined)
  }
  if ('refusal' in result) throw new RoutesError('invalid_document', result.refusal.detail, result.refusal.errors)

  return result
}

function startReader(workerData: ReadingTask): Worker {
  const options = { workerData, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } }
  if (import.meta.url.endsWith('.js')) return new Worker(new URL('./document-worker.js', import.meta.url), options)
  // A thread that runs from source needs the loader for TypeScript, too.
  const program = JSON.stringify(new URL('./document-worker.ts', import.meta.url).href)
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import(${program}) })`

  return new Worker(bootstrap, { ...options, eval: true })
}
