import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { BatonError, createBaton } from '../../clients/typescript/src/index.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'

const token = 'a-token-of-the-platform'

for (const stack of stacks) {
  describe(`The TypeScript client (${stack.name})`, function () {
    this.timeout(60_000)
    needs('sipp')
    const baton = sharedBaton({ stack })

    it('lists calls, transfers one of them, and reads what the agent gave along', async () => {
      const client = createBaton({ url: baton().http })
      const seen: unknown[] = []
      const played = await play(baton(), {
        caller: { scenario: 'uac-reinvite-bridged', until: ({ id }) => baton().events.of('transfer.ended', id) },
        agents: { agent: { scenario: 'uas-call-answered' } },
        destinations: { desk: { scenario: 'uas-call-answered' } },
        handoffs: (uri) => [{ name: 'front-desk', default: true, method: 'invite', route: uri('desk') }],
        meanwhile: async ({ id }) => {
          await baton().events.of('call.answered', id)
          const { data: list } = await client.GET('/v1/calls', { params: { query: { state: 'connected' } } })
          seen.push(list?.calls.map((call) => call.id))
          const path = { call: id }
          const body = { handoff: 'front-desk', reason: 'booking', context: { booking: 'H-4711' } }
          const { data: accepted } = await client.POST('/v1/calls/{call}/transfer', { params: { path }, body })
          const contextId = accepted?.contextId ?? ''
          const { data: context } = await client.GET('/v1/context/{id}', { params: { path: { id: contextId } } })
          seen.push(context?.context)
        },
      })
      assert.deepEqual(seen, [[played.call.id], { booking: 'H-4711' }])
      assert.equal(played.call.transfers[0]?.result, 'succeeded')
    })
  })
}

describe('The errors of the TypeScript client', () => {
  const baton = sharedBaton({ stack: stacks[0] ?? assert.fail(), env: { ADMIN_TOKEN: token } })

  it('rejects with the problem that Baton answers, and tells of it', async () => {
    const told: string[] = []
    const client = createBaton({ url: baton().http, token, onError: ({ problem }) => told.push(problem.type) })
    const missing = client.GET('/v1/calls/{call}', { params: { path: { call: 'none' } } })
    await assert.rejects(missing, (error) => error instanceof BatonError && error.problem.status === 404)
    const stranger = createBaton({ url: baton().http })
    await assert.rejects(stranger.GET('/v1/calls'), { name: 'BatonError', message: /./ })
    // What answers without problem details is told by its status.
    await assert.rejects(
      createBaton({ url: baton().metricsUrl.replace('/metrics', '/nothing'), token }).GET('/v1/calls'),
      (error) => error instanceof BatonError && error.problem.status === 404,
    )
    assert.deepEqual(told, ['urn:baton:problem:unknown-call'])
  })
})

describe('The package of the TypeScript client', () => {
  it('is built by its own tsconfig, and the example of its README is typed', function () {
    this.timeout(60_000)
    const folder = mkdtempSync(join(tmpdir(), 'baton-client-'))
    const own = join(folder, 'node_modules/baton-client')
    const tsc = (...args: string[]) => {
      const { status, stdout } = spawnSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...args], {
        cwd: folder,
        encoding: 'utf8',
      })
      assert.equal(status, 0, stdout)
    }
    try {
      mkdirSync(own, { recursive: true })
      tsc('-p', resolve('clients/typescript'), '--outDir', join(own, 'dist'))
      copyFileSync('clients/typescript/package.json', join(own, 'package.json'))
      for (const name of ['openapi-fetch', 'openapi-typescript-helpers', '@types']) {
        symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name))
      }
      const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync('clients/typescript/README.md', 'utf8')) ?? []
      writeFileSync(join(folder, 'example.ts'), example)
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
      tsc(
        'example.ts',
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--module',
        'nodenext',
        '--types',
        'node',
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('names the version of Baton and its one dependency', () => {
    const manifest = (path: string) =>
      JSON.parse(readFileSync(path, 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>> & {
        version: string
      }
    const [own, whole] = [manifest('clients/typescript/package.json'), manifest('package.json')]
    assert.equal(own.version, whole.version)
    assert.deepEqual(own.dependencies, { 'openapi-fetch': whole.devDependencies['openapi-fetch'] })
  })
})
