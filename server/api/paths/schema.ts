import { Type } from 'typebox'
import { projectJsonSchema } from '../../../routes/index.ts'
import type { Api } from '../typed.ts'

/** The JSON Schema of the project file, so that editors complete it. Open to all. */
export function schemaPaths(api: Api): void {
  const schema = Buffer.from(JSON.stringify(projectJsonSchema()))

  api.get(
    '/v1/schema',
    {
      config: { open: true },
      schema: {
        tags: ['projects'],
        security: [],
        summary: 'JSON Schema of the project file',
        response: { 200: Type.Unknown() },
      },
    },
    (_request, reply) => reply.type('application/schema+json').serializer(String).send(schema),
  )
}
