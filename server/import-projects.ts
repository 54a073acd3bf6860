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
    const problems = (await routing.lint(name)).filter(({ severity }) => severity === 'error')
    // Nothing runs yet that would be lost: its other handoffs serve callers meanwhile.
    const force = problems.length === 0 ? {} : { force: 'imported at start' }
    for (const environment of Object.keys(environments) as EnvironmentName[]) {
      await routing.promote(name, environment, { version, ...force }, actor)
    }
    log.info('project imported, published and promoted', { project: name, version, file })
    if (problems.length > 0)
      log.error('handoffs of an imported project cannot be called', { project: name, version, file, problems })
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
