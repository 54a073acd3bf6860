import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155550199'

for (const stack of stacks) {
  describe(`the demo's stand-ins (${stack.name})`, function () {
    needs('sipp')
    this.timeout(60_000)
    let baton: Baton
    let agentPort: number
    let deskPort: number
    const folder = mkdtempSync(join(tmpdir(), 'baton-stand-ins-'))

    before(async () => {
      ;[agentPort, deskPort] = [await freePort(), await freePort()]
      const project = {
        project: 'demo',
        environments: { sandbox: { numbers: [number], agents: [`sip:agent@127.0.0.1:${agentPort}`] } },
        table: {
          handoffs: [{ name: 'desk', default: true, method: 'invite', route: `sip:desk@127.0.0.1:${deskPort}` }],
        },
      }
      const file = join(folder, 'demo.json')
      writeFileSync(file, JSON.stringify(project))
      baton = await Baton.start({ stack, env: { PROJECTS: file, STAND_INS: 'on' } })
    })
    after(async () => {
      await (baton as Baton | undefined)?.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    const calls = async (): Promise<CallView[]> =>
      (await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=demo')).calls
    const call = (found: (call: CallView) => boolean): Promise<CallView> =>
      until('the call is there', async () => (await calls()).find(found) ?? false)

    it('are up, and a rehearsal reaches the destination', async () => {
      for (const port of [agentPort, deskPort]) {
        const { state } = await baton.api<{ state: string }>('POST', `/v1/targets/udp:127.0.0.1:${port}/probe`)
        assert.notEqual(state, 'down')
        const { targets } = await baton.api<{ targets: { id: string; lastResults: { ok: boolean }[] }[] }>(
          'GET',
          '/v1/targets',
        )
        assert.equal(targets.find(({ id }) => id.endsWith(`:${port}`))?.lastResults[0]?.ok, true)
      }
      const body = { environment: 'sandbox', handoff: 'desk', destination: 'real' }
      const { verdict, cause } = await baton.api<{ verdict: string; cause: string }>(
        'POST',
        '/v1/projects/demo/rehearsals',
        body,
      )
      assert.equal(verdict, 'passed', cause)
    })

    it('take a call of any SIP client, and the one who is put through to a person reaches that', async () => {
      const caller = await Sipp.calling({ scenario: 'uac-reinvite-bridged', pause: 300 }, number, baton.sip())
      const { id } = await call(({ state, rehearsal }) => state === 'connected' && !rehearsal)
      await baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
      const { transfers } = await call((one) => one.id === id && one.transfers[0]?.state === 'ended')
      assert.deepEqual([transfers[0]?.result, transfers[0]?.reason], ['succeeded', 'answered'])
      await caller.done
      await call((one) => one.id === id && one.state === 'ended')
    })

    it('give way to a program that listens at their address', async () => {
      const agent = await Sipp.answering({ scenario: 'uas-call-answered', port: agentPort })
      const caller = await Sipp.calling({ scenario: 'uac-call-answered', pause: 100 }, number, baton.sip())
      await Promise.all([agent.done, caller.done])
    })
  })
}
