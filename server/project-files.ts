import { readFile } from 'node:fs/promises'
import { readProject, RoutesError, sourceText, type ProjectFile, type SourceText } from '../routes/index.ts'

/** A project file of PROJECTS. */
export interface ReadProjectFile {
  file: string
  project: ProjectFile
  source: SourceText
}

export type ReadFiles = readonly ReadProjectFile[]

/** Reads the project files of PROJECTS. Rejects, naming the file, when one cannot be imported. */
export function readProjectFiles(files: readonly string[]): Promise<ReadProjectFile[]> {
  return Promise.all(files.map(async (file) => ({ file, ...parseProject(file, await readFile(file)) })))
}

function parseProject(file: string, bytes: Buffer): Omit<ReadProjectFile, 'file'> {
  try {
    const source = sourceText(bytes, file.endsWith('.json') ? 'json' : 'yaml')

    return { project: readProject(source), source }
  } catch (error) {
    if (error instanceof RoutesError) {
      throw new Error(`PROJECTS: ${file} cannot be imported: ${error.message}`, { cause: error })
    }
    throw error
  }
}
