import { readProject, RoutesError, sourceText, type DocumentType, type Problem } from '../../routes/index.ts'

export { describeProblem } from '../../routes/index.ts'

/** What is wrong with a project file. */
export function mistakesOf({ bytes, type }: { bytes: Buffer; type: DocumentType }): readonly Problem[] {
  try {
    readProject(sourceText(bytes, type))

    return []
  } catch (error) {
    if (error instanceof RoutesError && error.errors) return error.errors
    throw error
  }
}
