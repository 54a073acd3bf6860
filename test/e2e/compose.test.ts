import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'

import type { CallView } from '../../server/legs/views.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

interface Service {
  environment?: Record<string, string | number>
  command?: string[]
  entrypoint?: string[]
  build?: { context: string; dockerfile_inline: string }
}
const { services } = parse(readFileSync('compose.yaml', 'utf8')) as { services: Record<'baton' | 'caller', Service> }

/** A value as compose has it without any variable: `${NAME:-default}`. */
const byDefault = (name: string) => String(services.baton.environment?.[name]).replace(/\$\{\w+:-([^}]*)\}/g, '$1')

// The stand-ins are reached on Baton's own loopback, which a drachtio server in another container does not have.
describe('The demo of compose.yaml', function () {
  this.timeout(90_000)
  needs('sipp')
  const baton = sharedBaton({
    stack: stacks[0] ?? assert.fail(),
    env: {
      BATON_CONFIG: resolve('config/baton.compose.yaml'),
      PROJECTS: byDefault('PROJECTS').replace('/app', resolve('.')),
      STAND_INS: byDefault('STAND_INS'),
      ...{ SIP_T1: '200', SIP_T2: '1000', SIP_T4: '800' },
    },
  })

  /** Runs the caller of compose.yaml against this Baton; resolves with SIPp's exit code. */
  const called = async (): Promise<number | null> => {
    const { build, entrypoint = [], command = [] } = services.caller
    const [, copied = '', to = ''] = /^COPY (\S+) (\S+)$/m.exec(build?.dockerfile_inline ?? '') ?? []
    const [program = '', ...args] = [...entrypoint, ...command].map((arg) =>
      arg === `${to}${copied}` ? resolve(build?.context ?? '', copied) : arg.replace(/^baton:5060$/, baton().sip()),
    )
    const folder = mkdtempSync(join(tmpdir(), 'baton-compose-'))
    const caller = spawn(program, ['-i', '127.0.0.1', ...args], { cwd: folder, stdio: 'ignore' })
    try {
      const [code] = (await once(caller, 'exit')) as [number | null]

      return code
    } finally {
      caller.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const calls = async () => (await baton().api<{ calls: CallView[] }>('GET', '/v1/calls?project=demo')).calls

  it('is one command beside those that bring it up: its caller is handed over to the front desk, as /metrics shows', async () => {
    assert.equal(await called(), 0)
    const [call] = await calls()
    const [transfer] = call?.transfers ?? []
    assert.deepEqual([call?.environment, transfer?.handoff, transfer?.requestedBy], ['sandbox', 'front-desk', 'refer'])
    assert.deepEqual(
      transfer?.attempts.map(({ method, result, reason }) => [method, result, reason]),
      [
        ['refer', 'failed', 'refer_refused'],
        ['invite', 'succeeded', 'answered'],
      ],
    )
    const transfers = [...(await baton().metrics(['trunk', 'version']))].filter(([name]) =>
      name.startsWith('baton_transfers_total{'),
    )
    assert.deepEqual(transfers, [
      [
        'baton_transfers_total{environment="sandbox",handoff="front-desk",method="invite",project="demo",reason="answered",result="succeeded"}',
        1,
      ],
    ])
  })

  it('works a second time, though the trunk is known to refuse REFER', async () => {
    const code = called()
    const { id } = await until('the second call is up', async () => {
      return (await calls()).find(({ state }) => state === 'connected') ?? false
    })
    await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk' })
    assert.equal(await code, 0)
    const { transfers } = (await calls()).find((call) => call.id === id) ?? assert.fail()
    assert.deepEqual(
      transfers[0]?.attempts.map(({ method, result }) => [method, result]),
      [['invite', 'succeeded']],
    )
  })
})
