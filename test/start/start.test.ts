import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'mocha'
import { freePort } from '../harness/ports.ts'
import { Tree } from './tree.ts'

describe('npm start', function () {
  this.timeout(120_000)
  let tree: Tree
  let env: NodeJS.ProcessEnv

  before(() => {
    tree = new Tree()
    env = {
      ...process.env,
      SIP_LISTEN: 'udp:127.0.0.1:0',
      OVERLOAD_LAG: '0',
      HTTP_LISTEN: '127.0.0.1:0',
      METRICS_LISTEN: '127.0.0.1:0',
    }
  })
  after(() => {
    tree.remove()
  })

  const started = async (more: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> => {
    const run = tree.run(process.execPath, ['bin/start.mjs'], { ...env, ...more })
    await Promise.race([run.ended, run.printed('Try next').catch(() => undefined)])
    const code = await run.interrupt()

    return { code, output: run.output }
  }

  it('serves what the settings say, and rehearses that', async () => {
    const project = {
      project: 'shop',
      environments: { live: { numbers: ['+14155550111'], agents: ['sip:agent@127.0.0.1:9'] } },
      table: {
        handoffs: [{ name: 'till', description: 'The till', default: true, method: 'invite', route: '+14155550112' }],
      },
    }
    writeFileSync(join(tree.folder, 'shop.json'), JSON.stringify(project))
    const { code, output } = await started({ PROJECTS: 'shop.json', DATA_DIR: 'shop-data' })

    assert.equal(code, 0, output)
    assert.match(output, /in shop live/)
    assert.match(output, /PASSED {2}The caller reached till by INVITE/)
    assert.doesNotMatch(output, /demo/)
  })

  it('builds what is missing of its build', async () => {
    await started({ DATA_DIR: 'whole-data' })
    rmSync(join(tree.folder, 'dist/server/api'), { recursive: true })
    const { code, output } = await started({ DATA_DIR: 'whole-data' })

    assert.equal(code, 0, output)
    assert.match(output, /Building[^]*PASSED/)
  })

  it('serves without any project, and says how to get one', async () => {
    writeFileSync(join(tree.folder, 'empty.yaml'), 'log_level: info\n')
    const { code, output } = await started({ BATON_CONFIG: 'empty.yaml', DATA_DIR: 'no-data' })

    assert.equal(code, 0, output)
    assert.match(output, /nothing to rehearse/)
    assert.match(output, /npx baton routes import/)
  })

  it('is coloured on no pipe', async () => {
    const { output } = await started({ DATA_DIR: 'demo-data' })

    assert.match(output, /PASSED/)
    assert.ok(!output.includes('\u001b'))
  })

  for (const [setting, value] of [
    ['HTTP_LISTEN', (port: number) => `127.0.0.1:${port}`],
    ['METRICS_LISTEN', (port: number) => `127.0.0.1:${port}`],
    ['SIP_LISTEN', (port: number) => `tcp:127.0.0.1:${port}`],
  ] as const) {
    it(`names ${setting} when its port is taken`, async () => {
      const port = await freePort()
      const other = createServer().listen(port, '127.0.0.1')
      await once(other, 'listening')
      const { code, output } = await started({ [setting]: value(port), DATA_DIR: 'demo-data' })
      other.close()

      assert.equal(code, 1)
      assert.match(output, new RegExp(`${setting}: cannot listen on 127\\.0\\.0\\.1:${port}: another program`))
      assert.match(output, new RegExp(`e\\.g\\. ${setting}=`))
    })
  }

  it('lists every mistake of the settings', async () => {
    const { code, output } = await started({ SIP_LISTEN: 'udp:nowhere', LOG_LEVEL: 'loud' })

    assert.equal(code, 1)
    assert.match(output, /SIP_LISTEN/)
    assert.match(output, /LOG_LEVEL/)
  })

  it('says when Node is too old', async () => {
    const old = join(tree.folder, 'old.cjs')
    writeFileSync(
      old,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.1' } })\n` +
        `Object.defineProperty(process, 'version', { value: 'v18.20.1' })\n`,
    )
    const { code, output } = await started({ NODE_OPTIONS: `--require ${old}` })

    assert.equal(code, 1)
    assert.match(output, /needs Node 20\.19 or newer; this is v18\.20\.1/)
  })

  it('says when npm ci cannot reach the registry', async () => {
    const bare = new Tree('missing')
    const run = bare.run(process.execPath, ['bin/start.mjs'], {
      ...env,
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
      npm_config_offline: 'false',
      npm_config_cache: join(bare.folder, 'npm-cache'),
    })
    const code = await run.ended
    bare.remove()

    assert.equal(code, 1)
    assert.match(run.output, /npm ci failed.*registry can be reached/s)
  })
})
