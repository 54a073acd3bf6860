import { parentPort, workerData } from 'node:worker_threads'
import { RoutesError, type Problem } from '../schema/errors.ts'
import { readDocument, type SourceText } from './document.ts'

/** A task of the thread that reads long documents: to read one, or to locate problems in it. */
export interface ReadingTask {
  source: SourceText
  problems?: readonly Problem[]
}

export type ReadingResult =
  { value: unknown; problems: Problem[] } | { refusal: { detail: string; errors: readonly Problem[] } }

parentPort?.postMessage(carryOut(workerData as ReadingTask))

function carryOut({ source, problems }: ReadingTask): ReadingResult {
  try {
    const { value, locate } = readDocument(source)

    return problems ? { value: undefined, problems: locate(problems) } : { value, problems: [] }
  } catch (error) {
    if (error instanceof RoutesError) return { refusal: { detail: error.detail, errors: error.errors ?? [] } }
    throw error
  }
}
