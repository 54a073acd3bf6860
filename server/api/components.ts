/** An OpenAPI document, or a part of it. */
type Part = Record<string, unknown>

/**
 * Moves each schema that has a title to `components.schemas`, under that title, and refers to it (OpenAPI 3.1, 4.8.7.1), so
 * that clients which are made from the document have one type for it.
 */
export function withComponents(document: Part): Part {
  const schemas: Part = {}
  const shown = hoisted(document, schemas) as Part
  const components = (shown.components ?? {}) as Part

  return {
    ...shown,
    components: { ...components, schemas: { ...(components.schemas as Part | undefined), ...schemas } },
  }
}

function hoisted(value: unknown, schemas: Part): unknown {
  if (Array.isArray(value)) return value.map((item) => hoisted(item, schemas))
  if (typeof value !== 'object' || value === null) return value
  const part = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hoisted(inner, schemas)]))
  if (typeof part.title !== 'string' || (part.type !== 'object' && part.anyOf === undefined)) return part
  const { title, ...schema } = part
  schemas[title] = schema

  return { $ref: `#/components/schemas/${title}` }
}
