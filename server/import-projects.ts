import { readFile } from 'node:fs/promises'
import type { Routing } from '../routes/index.ts'
import {
  readProject,
  RoutesError,
  sourceText,
  type EnvironmentName,
  type ProjectFile,
  type SourceText,
} from '../routes/index.ts'

interface ImportLog {
  info(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}

/** Stores, publishes and promotes each project file whose project does not exist yet; what exists is left alone. */
export async function importProjects(routing: Routing, files: readonly string[], log: ImportLog): Promise<void> {
  for (const file of files) {
    const { project, source } = read(file, await readFile(file))
    const { project: name, environments } = project
    if (routing.projects().some(({ project }) => project === name)) continue

    const actor = { who: 'baton', from: 'start', why: `imported from ${file}` }
    await routing.putProject(name, source, actor)
    const { version } = await routing.publish(name, actor)
    try {
      for (const environment of Object.keys(environments) as EnvironmentName[]) {
        await routing.promote(name, environment, { version }, actor)
      }
      log.info('project imported, published and promoted', { project: name, version, file })
    } catch (error) {
      // What its callers would meet is for an operator to decide; other projects are served.
      if (!(error instanceof RoutesError) || error.slug !== 'would_fail') throw error
      log.error('project imported and published, and not promoted', {
        ...{ project: name, version, file, problem: error.detail, errors: error.errors },
      })
    }
  }
}

function read(file: string, bytes: Buffer): { project: ProjectFile; source: SourceText } {
  try {
    const source = sourceText(bytes, file.endsWith('.json') ? 'json' : 'yaml')

    return { project: readProject(source), source }
  } catch (error) {
    if (error instanceof RoutesError)
      throw new Error(`PROJECTS: ${file} cannot be imported: ${error.message}`, { cause: error })
    throw error
  }
}
