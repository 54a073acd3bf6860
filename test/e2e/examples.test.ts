import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { needs, programPath } from '../harness/needs.ts'
import { freePort, listening } from '../harness/ports.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'

const number = '+14155550180'
const isExample = /\.(py|sh)$/

describe('examples', () => {
  it('have less than 30 lines each', () => {
    const examples = readdirSync('examples').filter((file) => isExample.test(file))
    assert.equal(examples.length, 3)
    for (const file of examples) {
      assert.ok(readFileSync(`examples/${file}`, 'utf8').trimEnd().split('\n').length < 30, file)
    }
  })

  describe('in Python', () => {
    needs('python3')

    for (const file of readdirSync('examples').filter((name) => name.endsWith('.py'))) {
      it(`${file} has no mistake in its syntax`, () => {
        const parse = 'import ast, sys; ast.parse(sys.stdin.read())'
        const input = readFileSync(`examples/${file}`)
        const { status, stderr } = spawnSync(programPath('python3') ?? 'python3', ['-c', parse], { input })
        assert.equal(status, 0, stderr.toString())
      })
    }
  })

  for (const stack of stacks) {
    describe(`with SIPp (${stack.name})`, function () {
      this.timeout(60_000)
      needs('sipp')
      const baton = sharedBaton({ stack })

      it('the agent answers, and takes its caller to the front desk', async () => {
        const port = await freePort()
        const desk = await Sipp.answering({ scenario: 'uas-call-answered' })
        const path = [dirname(programPath('sipp') ?? ''), process.env.PATH].join(delimiter)
        const env = { ...process.env, PATH: path, AGENT: `127.0.0.1:${port}`, TALK: '100' }
        const agent = spawn('sh', ['examples/sipp-agent.sh'], { env, stdio: 'ignore' })
        const ended = once(agent, 'exit') as Promise<[number | null]>
        try {
          const failed = ended.then(() => Promise.reject(new Error('the agent ended before it began')))
          await listening('udp', port, failed)
          await baton().project({
            project: 'examples',
            environments: { live: { numbers: [number], agents: [`sip:agent@127.0.0.1:${port}`] } },
            table: { handoffs: [{ name: 'front-desk', default: true, method: 'invite', route: desk.uri }] },
          })
          const caller = await Sipp.calling({ scenario: 'uac-reinvite-bridged' }, number, baton().sip())
          await Promise.all([caller.done, desk.done])
          const [code] = await ended
          await caller.close()
          assert.equal(code, 0)
        } finally {
          agent.kill('SIGKILL')
          await desk.close()
        }
        const { callId: id = '' } = await baton().events.when('call.ended', ({ type }) => type === 'call.ended')
        const { transfers } = await baton().call(id)
        assert.deepEqual(
          transfers.map(({ handoff, requestedBy, result }) => [handoff, requestedBy, result]),
          [['front-desk', 'refer', 'succeeded']],
        )
      })
    })
  }
})
