import assert from 'node:assert/strict'
import { Value } from 'typebox/value'
import { startApi } from './baton.ts'

type Json = Record<string, unknown>
interface Sample {
  schema?: Json & { examples?: unknown[] }
  example?: unknown
  examples?: Record<string, { value: unknown }>
}
interface Operation {
  summary?: string
  parameters?: (Sample & { name: string; in: string })[]
  requestBody?: { content: Record<string, Sample> }
  responses: Record<string, { description?: string; content?: Record<string, Sample> }>
}
interface Document {
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Json> }
}

/** The schema without references: those of recursive ones end in a schema that takes anything. */
function inlined(value: unknown, schemas: Record<string, Json>, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => inlined(item, schemas, depth))
  if (typeof value !== 'object' || value === null) return value
  const { $ref } = value as { $ref?: string }
  if ($ref !== undefined) return depth > 20 ? {} : inlined(schemas[$ref.split('/').at(-1) ?? ''], schemas, depth + 1)

  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inlined(inner, schemas, depth)]))
}

describe('The OpenAPI document', () => {
  let document: Document
  before(async () => {
    const baton = await startApi()
    document = (await baton.api.inject('/docs/json')).json()
    await baton.close()
  })

  function* operations(): Generator<[called: string, operation: Operation]> {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) yield [`${method.toUpperCase()} ${path}`, operation]
    }
  }
  function* inputs(): Generator<[where: string, sample: Sample]> {
    for (const [called, { parameters = [], requestBody }] of operations()) {
      for (const parameter of parameters) yield [`${called}: ${parameter.in} ${parameter.name}`, parameter]
      // The bytes of a file have no example.
      const texts = Object.entries(requestBody?.content ?? {}).filter(([type]) => /json|yaml/.test(type))
      for (const [type, body] of texts) yield [`${called}: ${type}`, body]
    }
  }
  const schemaOf = ({ schema = {} }: Sample) => inlined(schema, document.components.schemas) as Json
  const examplesOf = (sample: Sample): unknown[] => [
    ...(sample.example === undefined ? [] : [sample.example]),
    ...Object.values(sample.examples ?? {}).map(({ value }) => value),
    ...((schemaOf(sample).examples as unknown[] | undefined) ?? []),
  ]

  it('names its server', () => {
    assert.ok(document.servers.length > 0)
  })

  it('says what each path does, and describes each of its answers: one that succeeds, and those that every client meets', () => {
    for (const [called, { summary, responses }] of operations()) {
      assert.ok(summary, called)
      const statuses = Object.keys(responses)
      assert.ok(
        statuses.some((status) => /^[23]/.test(status)),
        called,
      )
      for (const status of ['429', '500', '503']) assert.ok(statuses.includes(status), `${called}: ${status}`)
      for (const [status, { description = '', content }] of Object.entries(responses)) {
        assert.ok(description.length > 3 && description !== 'Default Response', `${called}: ${status}`)
        if (/^[45]/.test(status) && !called.endsWith('z')) {
          assert.ok(content?.['application/problem+json'], `${called}: ${status}`)
        }
      }
    }
  })

  it('has an example for each parameter and each body, which its own schema takes', () => {
    let count = 0
    for (const [where, sample] of inputs()) {
      const examples = examplesOf(sample)
      assert.ok(examples.length > 0, `${where} has no example`)
      for (const example of examples) assert.deepEqual(Value.Errors(schemaOf(sample), example), [], where)
      count += examples.length
    }
    assert.ok(count > 150)
  })

  it('has no example anywhere that its schema refuses', () => {
    const check = (schema: unknown, where: string): void => {
      if (typeof schema !== 'object' || schema === null) return
      const { examples } = schema as { examples?: unknown }
      if (Array.isArray(examples)) {
        for (const example of examples) {
          assert.deepEqual(Value.Errors(inlined(schema, document.components.schemas) as Json, example), [], where)
        }
      }
      for (const [name, inner] of Object.entries(schema)) if (name !== 'examples') check(inner, `${where}/${name}`)
    }
    check(document, '')
  })
})
