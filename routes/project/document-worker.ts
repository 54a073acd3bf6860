import { parentPort, workerData } from 'node:worker_threads'
import { RoutesError, type Problem } from '../schema/errors.ts'
import { checkProject } from './check.ts'
import { readDocument, type SourceText } from './document.ts'

/** A task of the thread that reads long documents: to read one, to check a project file, too, or to locate problems. */
export interface ReadingTask {
  source: SourceText
  kind: 'value' | 'project' | 'lines'
  /** Those to locate. */
  problems?: readonly Problem[]
}

export type ReadingResult =
  { value: unknown; problems: Problem[] } | { refusal: { detail: string; errors: readonly Problem[] } }

parentPort?.postMessage(carryOut(workerData as ReadingTask))

function carryOut({ source, kind, problems = [] }: ReadingTask): ReadingResult {
  try {
    const { value, locate } = readDocument(source)
    if (kind === 'lines') return { value: undefined, problems: locate(problems) }

    return { value, problems: kind === 'project' ? checkProject(value) : [] }
  } catch (error) {
    if (error instanceof RoutesError) return { refusal: { detail: error.detail, errors: error.errors ?? [] } }
    throw error
  }
}
