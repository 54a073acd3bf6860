import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { format, resolveConfig } from 'prettier'
import { parse } from 'yaml'
import { projectJsonSchema } from '../../routes/index.ts'
import { demoYaml } from './fixtures.ts'

const file = new URL('../../routes/project.schema.json', import.meta.url)

describe('the JSON Schema of a project file', () => {
  it('is the file that editors use (UPDATE_SCHEMA=1 writes it)', async () => {
    const options = (await resolveConfig(file)) ?? {}
    const text = await format(JSON.stringify(projectJsonSchema()), { ...options, parser: 'json' })
    if (process.env.UPDATE_SCHEMA) writeFileSync(file, text)
    assert.equal(readFileSync(file, 'utf8'), text)
  })

  it('takes the demo project, and describes every field', () => {
    const schema = projectJsonSchema()
    assert.ok(Compile(schema as unknown as TSchema).Check(parse(demoYaml)))
    const nameless: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      const { description, properties } = node as { description?: string; properties?: Record<string, unknown> }
      if (path && !description) nameless.push(path)
      for (const [name, inner] of Object.entries(properties ?? {})) visit(inner, `${path}/${name}`)
      visit((node as { items?: unknown }).items, path && `${path}/*`)
    }
    visit(schema, '')
    assert.deepEqual(
      nameless.filter((path) => !path.endsWith('/*')),
      [],
    )
  })
})
