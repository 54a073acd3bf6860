import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'
import { format, resolveConfig } from 'prettier'
import { startApi } from '../server/api/baton.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const document = new URL('../../docs/openapi.json', import.meta.url)
const file = new URL('../../clients/typescript/src/schema.ts', import.meta.url)

describe('the types of the client and the pages', () => {
  it("are made from the API's description (UPDATE_API_TYPES=1 writes them)", async () => {
    const baton = await startApi()
    try {
      const { body } = await baton.api.inject('/docs/json')
      const types = `// Made from the API's description: UPDATE_API_TYPES=1 npm test -- test/web/api-types.test.ts\n\n${astToString(await openapiTS(body, { defaultNonNullable: false, emptyObjectsUnknown: true }))}`
      const text = await format(types, { ...(await resolveConfig(file)), parser: 'typescript' })
      if (process.env.UPDATE_API_TYPES) writeFileSync(file, text)
      assert.ok(existsSync(file), 'clients/typescript/src/schema.ts is there')
      assert.equal(
        readFileSync(file, 'utf8') === text,
        true,
        'clients/typescript/src/schema.ts is as the API is described',
      )
    } finally {
      await baton.close()
    }
  })

  it('are of the document that a release has as docs/openapi.json (UPDATE_API_TYPES=1 writes it)', async () => {
    const baton = await startApi({ version })
    try {
      const { body } = await baton.api.inject('/docs/json')
      const served = `${JSON.stringify(JSON.parse(body), undefined, 1)}\n`
      if (process.env.UPDATE_API_TYPES) writeFileSync(document, served)
      assert.ok(
        existsSync(document) && readFileSync(document, 'utf8') === served,
        'docs/openapi.json is as the API is described; UPDATE_API_TYPES=1 npm test -- test/web/api-types.test.ts writes it',
      )
    } finally {
      await baton.close()
    }
  })
})
