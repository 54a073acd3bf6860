import assert from 'node:assert/strict'
import type { AuditEntry } from '../../server/audit/index.ts'
import type { CheckFinding } from '../../server/checkup/index.ts'
import { userName } from '../../server/cli/api-client.ts'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { client, OpenIdProvider } from '../server/api/openid-provider.ts'
import { Terminal } from '../server/cli/terminal.ts'

const adminToken = 'open-sesame'
const number = '+14155550199'

for (const stack of stacks) {
  describe(`The command line with ADMIN_TOKEN, of a Baton that asks for it (${stack.name})`, function () {
    needs('sipp')
    this.timeout(120_000)
    let provider: OpenIdProvider
    let baton: Baton
    let terminal: Terminal

    before(async () => {
      provider = await OpenIdProvider.start()
      baton = await Baton.start({
        stack,
        env: {
          ADMIN_TOKEN: adminToken,
          ...{ OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret },
          OIDC_ROLES: 'admins:admin',
        },
      })
      terminal = await Terminal.open()
      Object.assign(terminal.env, { HTTP_LISTEN: new URL(baton.http).host, DATA_DIR: baton.dataDir })
    })
    after(async () => {
      await baton.stop()
      await provider.close()
      await terminal.close()
    })

    /** A command with the token in the environment, which must succeed. */
    const run = async (...args: string[]): Promise<string> => {
      terminal.env.ADMIN_TOKEN = adminToken
      const { code, out, err } = await terminal.baton(...args)
      delete terminal.env.ADMIN_TOKEN
      assert.equal(code, 0, `${args.join(' ')}: ${err}`)

      return out
    }
    const json = async <Answer>(...args: string[]) => JSON.parse(await run(...args, '--json')) as Answer

    it('is told what to do without the token, or with a wrong one', async () => {
      const without = await terminal.baton('routes', 'show')
      assert.equal(without.code, 1)
      assert.match(without.err, /Sign in, or send the header "Authorization: Bearer <token>"/)
      const wrong = await terminal.baton('calls', '--token', 'guessed')
      assert.equal(wrong.code, 1)
      assert.match(wrong.err, /The token is not known: it was mistyped or revoked, or it has expired\./)
    })

    it('imports, publishes and promotes a table, and hands a call over by it', async () => {
      const agentPort = await freePort()
      const project = {
        project: 'hotel',
        environments: { sandbox: { numbers: [number], agents: [`sip:agent@127.0.0.1:${agentPort}`] } },
        table: { handoffs: [{ name: 'front-desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
      }
      await run('routes', 'import', await terminal.file('hotel.json', JSON.stringify(project)))
      await run('routes', 'publish', '-m', 'the first table')
      await run('routes', 'promote', '--env', 'sandbox', '--version', '1', '-m', 'to try it')

      const agent = await Sipp.answering({ scenario: 'uas-call-answered', port: agentPort, timeoutSeconds: 60 })
      const part = { scenario: 'uac-refer-accepted-succeeded', pause: 50, timeoutSeconds: 60 }
      const caller = await Sipp.calling(part, number, baton.sip())
      const listed = () => json<{ calls: CallView[] }>('calls', '--state', 'live')
      const call = await until(
        'the call is up',
        async () => (await listed()).calls.find(({ state }) => state === 'connected') ?? false,
      )
      await run('transfer', call.id, 'front-desk', '--wait')
      await Promise.all([agent.done, caller.done])
      const shown = await json<CallView>('calls', 'show', call.id)
      assert.deepEqual(
        shown.transfers.map(({ handoff, requestedBy, result }) => [handoff, requestedBy, result]),
        [['front-desk', 'api', 'succeeded']],
      )
    })

    it('goes on to work beside the accounts that it adds, and is named in the history', async () => {
      await run('users', 'add', 'ann', '--role', 'admin')
      const { people } = await until('Baton knows the account', async () => {
        const answer = await baton.api<{ people: { name: string }[] }>('GET', '/v1/people')

        return answer.people.length > 0 && answer
      })
      assert.deepEqual(
        people.map(({ name }) => name),
        ['ann'],
      )
      await run('close', 'front-desk', '--env', 'sandbox', '--reason', 'the office party')
      const { history } = await baton.api<{ history: AuditEntry[] }>('GET', '/v1/history')
      const named = history.filter(({ who }) => who === userName()).map(({ request }) => request?.path ?? '')
      for (const path of [
        '/v1/projects/hotel',
        '/v1/projects/hotel/versions',
        '/v1/projects/hotel/environments/sandbox/promote',
        '/v1/projects/hotel/environments/sandbox/switches',
      ]) {
        assert.ok(named.includes(path), `${path}: ${named.join(' ')}`)
      }
    })

    it('has doctor say whether the OpenID provider signs people in', async () => {
      const findings = async (...args: string[]) => {
        terminal.env.ADMIN_TOKEN = adminToken
        const { out } = await terminal.baton('doctor', '--json', ...args)
        delete terminal.env.ADMIN_TOKEN
        const found = (JSON.parse(out) as { findings: CheckFinding[] }).findings

        return found.filter(({ check }) => check === 'OpenID provider')
      }
      const well = { check: 'OpenID provider', state: 'ok' }
      const detail = `${provider.issuer} answers, and signs people in at ${provider.issuer}/auth.`
      for (const args of [[], ['--url', baton.http]]) {
        assert.deepEqual(await findings(...args), [{ ...well, detail }])
      }
      provider.trouble = 503
      const [finding] = await findings()
      assert.deepEqual([finding?.state, finding?.where], ['failed', 'OIDC_ISSUER'])
      assert.match(finding?.detail ?? '', /HTTP 503$/)
    })
  })
}
