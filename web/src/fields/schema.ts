import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client'

/** The part of JSON Schema that the project file uses, of one field. */
export interface FieldSchema {
  type?: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  enum?: readonly string[]
  default?: string | number | boolean
  minimum?: number
  maximum?: number
  maxLength?: number
  description?: string
  properties?: Fields
  items?: FieldSchema
  anyOf?: readonly FieldSchema[]
}

export type Fields = Readonly<Record<string, FieldSchema>>

/** The kind of input that edits a field. */
export type FieldKind = 'choice' | 'yes_no' | 'number' | 'list' | 'group' | 'pairs' | 'text'

export function kindOf({ type, enum: choices, properties, anyOf }: FieldSchema): FieldKind {
  if (choices) return 'choice'
  if (properties) return 'group'
  // A field that has several forms, such as an address or an object with one, is edited in its simple form.
  const [simple] = anyOf ?? []
  if (simple) return kindOf(simple)
  if (type === 'boolean') return 'yes_no'
  if (type === 'number' || type === 'integer') return 'number'
  if (type === 'array') return 'list'

  return type === 'object' ? 'pairs' : 'text'
}

/** The field's own help: its description in the schema, as a sentence. */
export function helpOf({ description = '' }: FieldSchema): string {
  const text = description.replaceAll('`', '')

  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** The fields of a handoff and of an environment's settings, as the project file describes them. */
export const schemaQuery = queryOptions({
  queryKey: ['schema'],
  queryFn: async () => {
    const { properties = {} } = ((await api.GET('/v1/schema')).data ?? {}) as FieldSchema
    const { table = {}, environments = {} } = properties

    return {
      handoff: table.properties?.handoffs?.items?.properties ?? {},
      settings: environments.properties?.live?.properties ?? {},
    }
  },
  staleTime: Infinity,
})
