import type { IsText } from './set-fields.ts'

export { HandoffSchema, ScheduleSchema } from '../../routes/index.ts'

interface FieldSchema {
  type?: string
  properties?: Record<string, FieldSchema>
  patternProperties?: Record<string, FieldSchema>
  additionalProperties?: FieldSchema | boolean
}

/** Whether the field at a path of what the schema describes is a text. */
export function isTextIn(schema: object): IsText {
  return (path) => {
    let at: FieldSchema | undefined = schema
    for (const field of path) at = at && fieldOf(at, field)

    return at?.type === 'string'
  }
}

function fieldOf(
  { properties, patternProperties, additionalProperties }: FieldSchema,
  field: string,
): FieldSchema | undefined {
  const [pattern] = Object.values(patternProperties ?? {})
  const other = typeof additionalProperties === 'object' ? additionalProperties : undefined

  return properties?.[field] ?? pattern ?? other
}
