import { ProjectSchema } from './schema.ts'

/** The JSON Schema of a project file: `/v1/schema`, and `routes/project.schema.json` for editors. */
export function projectJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Baton project file',
    ...(JSON.parse(JSON.stringify(ProjectSchema)) as Record<string, unknown>),
  }
}
