import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { loadSettings } from '../../../config/index.ts'
import { openAccounts } from '../../../server/access/index.ts'
import { demo, startApi } from '../api/baton.ts'
import { Terminal } from './terminal.ts'

/** What the machine that runs the tests may lack. */
const ofMachine = ['disk', 'open files', 'receive buffer', 'time zones']

interface Report {
  ok: boolean
  findings: { check: string; state: string; detail: string; hint?: string }[]
}

describe('baton doctor', () => {
  let terminal: Terminal
  beforeEach(async () => {
    terminal = await Terminal.open()
    terminal.env.HTTP_LISTEN = '127.0.0.1:0'
  })
  afterEach(() => terminal.close())

  const report = async () => {
    const { code, out } = await terminal.baton('doctor', '--json')

    return { code, report: JSON.parse(out) as Report }
  }

  it('has no failed finding on a machine that is ready, and says what is still to be done', async () => {
    const first = await report()
    await terminal.baton('routes', 'import', await terminal.file('demo.yaml', demo))
    const { out } = await terminal.baton('doctor')

    assert.equal(first.code, 0)
    assert.ok(first.report.ok)
    assert.deepEqual(
      first.report.findings
        .filter(({ check, state }) => state !== 'ok' && !ofMachine.includes(check))
        .map(({ hint }) => hint),
      ['npx baton routes import FILE'],
    )
    assert.match(out, /\[warn\] demo live: no version is promoted/)
    const strict = await terminal.baton('doctor', '--strict')
    assert.equal(strict.code, 1, 'a warning is enough')
  })

  it('names every setting that is wrong', async () => {
    Object.assign(terminal.env, { SIP_LISTEN: 'nonsense', METRICS_LISTEN: 'nowhere' })
    const { code, report: found } = await report()
    const failed = found.findings.filter(({ state }) => state === 'failed').map(({ detail }) => detail.split(':')[0])

    assert.equal(code, 1)
    assert.deepEqual(failed.sort(), ['METRICS_LISTEN', 'SIP_LISTEN'])
  })

  it('finds a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    terminal.env.METRICS_LISTEN = `127.0.0.1:${port}`
    const { code, report: found } = await report()
    server.close()

    assert.equal(code, 1)
    assert.match(JSON.stringify(found.findings), new RegExp(`METRICS_LISTEN tcp:127\\.0\\.0\\.1:${port}: EADDRINUSE`))
  })

  it('accepts that a running Baton uses the ports', async () => {
    const baton = await startApi()
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`
    const { code, report: found } = await report()
    await baton.close()

    assert.equal(code, 0)
    assert.match(JSON.stringify(found.findings), /a Baton is running at/)
  })

  it('says that the running Baton asks for a token', async () => {
    const env = { DATA_DIR: terminal.dir, ADMIN_TOKEN: 'open-sesame' }
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const accounts = await openAccounts(loadSettings({ env }), log)
    const baton = await startApi({ accounts, access: accounts.access })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`
    const { code, report: found } = await report()
    await baton.close()
    await accounts.close()

    assert.equal(code, 1)
    assert.match(found.findings.at(-1)?.hint ?? '', /--token or ADMIN_TOKEN/)
  })

  it('finds a data folder that cannot be one, a Redis that is not there and a gateway without address', async () => {
    await writeFile(`${terminal.dir}/taken`, '')
    const trunks = 'trunks:\n  - { name: carrier, peers: [192.0.2.1], gateways: ["sip:gateway.invalid:5060"] }\n'
    terminal.env.BATON_CONFIG = await terminal.file('baton.yaml', trunks)
    terminal.env.DATA_DIR = `${terminal.dir}/taken`
    terminal.env.REDIS_URL = 'redis://127.0.0.1:1'
    const { code, report: found } = await report()
    const failed = found.findings.filter(({ state }) => state === 'failed').map(({ check }) => check)

    assert.equal(code, 1)
    for (const check of ['data folder', 'routing tables in Redis', 'trunk carrier']) {
      assert.ok(failed.includes(check), check)
    }
  })
})

describe('the command', () => {
  it('is there inside a checkout, as npx baton', async () => {
    const { stdout } = await promisify(execFile)('npx', ['baton', '--version'])

    assert.match(stdout, /^\d+\.\d+\.\d+/m)
  }).timeout(60_000)

  it('serves until it is told to stop', async () => {
    const terminal = await Terminal.open()
    const environment = { ...process.env, ...terminal.env, HTTP_LISTEN: '127.0.0.1:0', LOG_FORMAT: 'json' }
    const baton = spawn(process.execPath, ['bin/baton.mjs', 'serve'], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(baton, 'exit')
    for await (const line of createInterface(baton.stdout)) {
      const { message, http } = JSON.parse(line) as { message: string; http?: string }
      if (message === 'stopped') break
      if (message !== 'ready') continue
      assert.equal((await fetch(`${http!}/livez`)).status, 200)
      baton.kill('SIGTERM')
    }
    const [code] = (await ended) as [number]
    await terminal.close()

    assert.equal(code, 0)
  }).timeout(60_000)

  it('exits with 1 for commands that it does not know', async () => {
    const terminal = await Terminal.open()
    const { code, err } = await terminal.baton('nonsense')
    await terminal.close()

    assert.equal(code, 1)
    assert.match(err, /unknown command 'nonsense'/)
  })
})
