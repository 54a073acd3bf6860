import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { roles } from '../../server/access/roles.ts'
import { startApi } from '../server/api/baton.ts'

const page = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8')

describe('the page on access', () => {
  it('has every role, and every path of the API declares the one that it needs (config: { access })', async () => {
    const baton = await startApi()
    await baton.close()
    const { declaredRoutes } = baton.api

    for (const role of [...roles, 'agent']) assert.match(page, new RegExp(`^\\| \`${role}\``, 'm'))
    assert.ok(declaredRoutes.length > 60)
    assert.deepEqual(
      declaredRoutes
        .filter(({ config }) => config?.access === undefined)
        .map(({ method, url }) => `${String(method)} ${url}`),
      [],
    )
  })
})
