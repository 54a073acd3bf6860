import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { loadSettings } from '../../../config/index.ts'
import { trials, addressesText, paintFor, welcome } from '../../../server/welcome/welcome.ts'
import { serve, shop } from '../rehearsal/baton.ts'

const desk = {
  name: 'desk',
  description: 'Reception',
  route: 'sip:desk@127.0.0.1:9',
  headers: { 'X-Env': '$environment' },
}

describe('colours', () => {
  it('are for terminals, unless NO_COLOR is set', () => {
    assert.equal(paintFor(true, {}).good('yes'), '\u001b[32myes\u001b[39m')
    for (const [terminal, env] of [
      [false, {}],
      [true, { NO_COLOR: '1' }],
      [true, { TERM: 'dumb' }],
    ] as const) {
      assert.equal(paintFor(terminal, env).good('yes'), 'yes')
    }
  })
})

describe('the welcome', () => {
  const greeted = async (project: object, columns: number): Promise<string> => {
    const baton = await serve(project)
    let text = ''
    await welcome(baton.app, { write: (more) => (text += more), terminal: false, columns, env: {} })
    await baton.close()

    return text
  }

  it('tells the story of one call: ladder, outcome, evidence, headers', async () => {
    const text = await greeted(shop([desk]), 120)

    assert.match(text, /caller +Baton +agent +destination/)
    assert.match(text, /│─+ INVITE ─+▶│/)
    assert.match(text, /PASSED {2}The caller reached desk by REFER/)
    assert.match(text, /\d\.\d{3} {2}caller +202 Accepted +it will try; that alone proves nothing/)
    assert.match(text, /X-Env {2}sandbox/)
  })

  it('fits into a terminal of 80 columns', async () => {
    const text = await greeted(shop([desk]), 80)
    const ladder = text.split('\n').filter((line) => line.includes('│'))

    assert.ok(ladder.length > 20)
    for (const line of ladder) assert.ok(line.length <= 80, line)
  })
})

describe('the commands to try', () => {
  const at = {
    sip: [{ transport: 'udp', address: '127.0.0.1', port: 5070 }] as const,
    http: 'http://127.0.0.1:8081',
    metrics: 'http://127.0.0.1:9464/metrics',
  }
  const rehearsed = { project: 'shop', environment: 'sandbox', handoff: 'desk' }
  const project = {
    project: 'shop',
    settings: {},
    environments: { sandbox: { numbers: ['+14155550199'], agents: ['sip:agent@127.0.0.1:5090'] } },
    draft: { digest: '' },
    lastVersion: 1,
  }

  it('work as printed, whatever the ports', () => {
    const commands = trials(at, loadSettings({ env: {} }), project, rehearsed, ['desk', 'till']).map(
      ({ command }) => command,
    )

    assert.equal(commands[0], 'curl http://127.0.0.1:8081/v1/calls')
    assert.equal(commands[1], 'npx baton rehearse shop till --env sandbox --synthetic --url http://127.0.0.1:8081')
    assert.match(commands[2] ?? '', /^sipp .* -p 5090 .*; sipp .* -s \+14155550199 127\.0\.0\.1:5070$/)
  })

  it('have the token where one is needed', () => {
    const settings = loadSettings({ env: { ADMIN_TOKEN: 'a-long-enough-token' } })

    assert.match(
      trials(at, settings, project, rehearsed, ['desk'])[0]?.command ?? '',
      /-H "Authorization: Bearer \$ADMIN_TOKEN"/,
    )
  })

  it('begin with a project when there is none', () => {
    assert.match(trials(at, loadSettings({ env: {} }), undefined, undefined, [])[1]?.command ?? '', /routes import/)
  })

  it('come after the addresses', () => {
    const text = addressesText(at, loadSettings({ env: { DATA_DIR: '/var/lib/baton' } }), paintFor(false, {}))

    for (const place of ['udp:127.0.0.1:5070', 'http://127.0.0.1:8081/v1', '/docs', '/metrics', '/var/lib/baton']) {
      assert.ok(text.includes(place), place)
    }
  })
})
