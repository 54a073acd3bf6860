import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { ProblemView } from '../../../server/api/index.ts'
import { demo, startApi } from '../api/baton.ts'
import { Terminal } from './terminal.ts'

describe('baton routes', () => {
  let terminal: Terminal
  let file: string
  beforeEach(async () => {
    terminal = await Terminal.open()
    file = await terminal.file('demo.yaml', demo)
  })
  afterEach(() => terminal.close())

  it('takes a table from a file to live and back, on the store itself while no Baton runs', async () => {
    const steps = [
      await terminal.baton('routes', 'import', file),
      await terminal.baton('routes', 'publish', '--message', 'first'),
      await terminal.baton('routes', 'publish'),
      await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1'),
      await terminal.baton('routes', 'promote', 'demo', '--env', 'live', '--version', '2', '--expected', '1'),
      await terminal.baton('routes', 'rollback', '--project', 'demo', '--env', 'live', '-m', 'too soon'),
    ]

    assert.deepEqual(
      steps.map(({ code }) => code),
      [0, 0, 0, 0, 0, 0],
    )
    assert.match(steps[1]!.out, /Published version 1 of demo/)
    assert.match(steps[2]!.out, /the same table as version 1/)
    assert.match(steps[4]!.out, /live of demo runs release 2, version 2 now \(before: release 1\)/)
    assert.match(steps[5]!.out, /live of demo is back on release 1, version 1 \(was: release 2\)/)
    for (const { err } of steps) assert.match(err, /No Baton is running at http:\/\/127\.0\.0\.1:1/)
    const history = await terminal.baton('routes', 'history', '--limit', '1')
    assert.match(history.out, /cli +rollback live +2 +1 +too soon/)
    const shown = await terminal.baton('routes', 'show')
    assert.match(shown.out, /live +1 +1 +\+14155550100/)
  })

  it('asks the Baton that runs, by the same requests', async () => {
    const baton = await startApi({ adminToken: 'sesame' })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    const { port } = baton.api.server.address() as AddressInfo
    Object.assign(terminal.env, { HTTP_LISTEN: `127.0.0.1:${port}`, ADMIN_TOKEN: 'sesame' })
    const imported = await terminal.baton('routes', 'import', file)
    const published = await terminal.baton('routes', 'publish', '--json')
    const refused = await terminal.baton('routes', 'publish', '--token', 'wrong')
    const versions = await baton.routing.versions('demo')
    await baton.close()

    assert.deepEqual([imported.code, imported.err], [0, ''])
    assert.equal((JSON.parse(published.out) as { version: number }).version, 1)
    assert.deepEqual(
      versions.map(({ version, from }) => [version, from]),
      [[1, '127.0.0.1']],
    )
    assert.equal(refused.code, 1)
    assert.match(refused.err, /Sign-in is needed/)
  })

  it('never works on the store when another Baton was named', async () => {
    const { code, err } = await terminal.baton('routes', 'import', file, '--url', 'http://127.0.0.1:1')

    assert.equal(code, 1)
    assert.match(err, /No Baton is running at http:\/\/127\.0\.0\.1:1/)
  })

  it('edits handoffs of the draft, shows what changed, and lints it', async () => {
    await terminal.baton('routes', 'import', file)
    await terminal.baton('routes', 'publish')
    const edits = [
      await terminal.baton(
        ...['routes', 'handoff', 'create', 'sales', '--set', 'method=invite', '--set', 'route=+14155550100'],
      ),
      await terminal.baton(
        ...['routes', 'handoff', 'update', 'sales', '--set', 'headers={X-A: b}', '--set', 'ring_timeout=25'],
      ),
      await terminal.baton('routes', 'handoff', 'duplicate', 'sales', 'support'),
      await terminal.baton('routes', 'handoff', 'default', 'support'),
      await terminal.baton('routes', 'handoff', 'delete', 'front-desk'),
    ]
    const diff = await terminal.baton('routes', 'diff')
    const same = await terminal.baton('routes', 'diff', '1', '1')
    const named = await terminal.baton('routes', 'diff', 'demo', '1', 'draft')
    const lint = await terminal.baton('routes', 'lint')
    const refused = await terminal.baton('routes', 'handoff', 'delete', 'support')

    assert.deepEqual(
      edits.map(({ code }) => code),
      [0, 0, 0, 0, 0],
      edits.map(({ err }) => err).join(''),
    )
    assert.equal(edits[2]!.out, 'Copied sales as support in the draft of demo.\n')
    assert.match(diff.out, /^- handoff front-desk$/m)
    assert.match(diff.out, /^\+ handoff support$/m)
    assert.deepEqual([named.code, named.out], [0, diff.out])
    assert.equal(same.out, '1 and 1 are the same.\n')
    assert.match(lint.out, /^warning +\/table\/handoffs\/\d\/route: .*own.*\(loop\)$/m)
    assert.match(
      lint.out,
      /^error +\/table\/handoffs\/\d\/route: callers of trunk local, INVITE: .*no gateway.*\(no_gateway\)$/m,
    )
    assert.equal(lint.code, 1)
    assert.equal(refused.code, 1)
    assert.match(refused.err, /support is the default/)
  })

  it('reads --set as YAML, text without quotes, and one field in another', async () => {
    await terminal.baton('routes', 'import', file)
    const update = (...set: string[]) =>
      terminal.baton('routes', 'handoff', 'update', 'front-desk', ...set.flatMap((one) => ['--set', one]))
    const desk = async () => {
      const { out } = await terminal.baton('routes', 'handoff', 'list', '--json')
      const { handoffs } = JSON.parse(out) as { handoffs: Record<string, unknown>[] }

      return handoffs.find(({ name }) => name === 'front-desk') ?? {}
    }
    const before = await desk()

    for (const [set, field, value] of [
      ["route='sip:desk@127.0.0.1:5070'", 'route', 'sip:desk@127.0.0.1:5070'],
      ['route=+14155550111', 'route', '+14155550111'],
      ['route="+14155550112"', 'route', '+14155550112'],
      ['description=Reception: day # and night', 'description', 'Reception: day # and night'],
      ['description=null', 'description', undefined],
      ['ring_timeout=12', 'ring_timeout', 12],
      ['active=true', 'active', true],
      ['on_failure=[duty-manager]', 'on_failure', ['duty-manager']],
    ] as const) {
      assert.deepEqual((await update(set)).code, 0, set)
      assert.deepEqual((await desk())[field], value, set)
    }
    const headers = before.headers as Record<string, string>
    await update('headers.X-Tier=gold', 'headers.X-Floor=3', 'headers.X-Env=null')
    delete headers['X-Env']
    assert.deepEqual((await desk()).headers, { ...headers, 'X-Tier': 'gold', 'X-Floor': '3' })
    await update('user_to_user.value=account', 'labels.team=night')
    assert.deepEqual((await desk()).user_to_user, { value: 'account' })

    const refused = await update('route.host=x')
    assert.equal(refused.code, 1)
    assert.match(refused.err, /--set route\.host: route holds no fields; set it whole/)
    assert.match((await update('on_failure=[duty')).err, /--set on_failure: /)
    const made = await terminal.baton(
      'routes',
      'handoffs',
      'create',
      'new',
      '--set',
      'route=+14155550113',
      '--set',
      'headers.X-A=1',
    )
    assert.equal(made.code, 0, made.err)
    assert.match((await terminal.baton('routes', 'handoff', 'list')).out, /new +refer +\+14155550113 +active/)
  })

  it('edits schedules of the draft, and follows a new name', async () => {
    await terminal.baton('routes', 'import', file)
    const schedule = (...args: string[]) => terminal.baton('routes', 'schedule', ...args)
    const created = await schedule(
      'create',
      'office',
      '--set',
      'time_zone=Europe/London',
      '--set',
      "weekly.mon=['09:00-17:30']",
    )
    assert.equal(created.code, 0, created.err)
    await terminal.baton('routes', 'handoff', 'update', 'front-desk', '--set', 'schedule=office')
    assert.equal((await schedule('create', 'office', '--set', 'time_zone=UTC')).code, 1)
    assert.equal((await schedule('create', 'other')).code, 1)
    const again = await schedule('update', 'office', '--set', 'weekly.tue=[10:00-12:00]', '--set', 'name=hours')
    assert.equal(again.code, 0, again.err)
    assert.match((await schedule('list')).out, /hours +Europe\/London +mon 09:00-17:30, tue 10:00-12:00/)
    const { handoffs } = JSON.parse((await terminal.baton('routes', 'handoff', 'list', '--json')).out) as {
      handoffs: { name: string; schedule?: string }[]
    }
    assert.equal(handoffs.find(({ name }) => name === 'front-desk')?.schedule, 'hours')
    assert.match((await schedule('show', 'hours')).out, /^name: hours\ntime_zone: Europe\/London/)
    assert.equal((await schedule('delete', 'hours')).code, 1)
    await terminal.baton('routes', 'handoff', 'update', 'front-desk', '--set', 'schedule=null')
    assert.equal((await schedule('delete', 'hours')).code, 0)
    assert.match((await schedule('delete', 'hours')).err, /no schedule "hours"/)
    assert.equal((await terminal.baton('routes', 'schedules', 'list')).out, 'No schedules.\n')
  })

  it('compares anything with anything: drafts, versions, environments and releases', async () => {
    const sent = [
      ['import', file],
      ['publish'],
      ['promote', '--env', 'live', '--version', '1'],
      ['handoff', 'update', 'front-desk', '--set', 'route=sip:new@127.0.0.1:1'],
      ['publish'],
      ['promote', '--env', 'sandbox', '--version', '2'],
    ]
    for (const args of sent) {
      const { code, err } = await terminal.baton('routes', ...args)
      assert.equal(code, 0, `${args.join(' ')}: ${err}`)
    }
    const compare = (...args: string[]) => terminal.baton('routes', 'compare', ...args)

    for (const [from, to] of [
      ...[
        ['1', '2'],
        ['1', 'draft'],
        ['live', 'sandbox'],
        ['live:1', 'sandbox:draft'],
        ['1', 'sandbox:1'],
      ],
    ] as [string, string][]) {
      assert.match((await compare(from, to)).out, /front-desk.*route/s, `${from} ${to}`)
    }
    assert.equal((await compare('2', 'draft', '--project', 'demo')).out, '2 and draft are the same.\n')
    const json = JSON.parse((await compare('live', 'sandbox', '--json')).out) as { from: string; changes: object[] }
    assert.equal(json.from, 'live')
    assert.ok(json.changes.length >= 2)
    assert.equal((await compare('live', 'moon')).code, 1)
  })

  it('says after a promotion which of its targets get no call now', async () => {
    const detail = 'agent udp:127.0.0.1:5090 is down: no answer to OPTIONS'
    const targets = { list: () => [], command: () => Promise.resolve(undefined), closedOf: () => [detail] }
    const baton = await startApi({ targets })
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`
    await terminal.baton('routes', 'import', file)
    await terminal.baton('routes', 'publish')
    const promoted = await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1')
    const json = await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1', '--json')
    await baton.close()

    assert.deepEqual([promoted.code, promoted.err], [0, `warning: ${detail}\n`])
    assert.deepEqual((JSON.parse(json.out) as { warnings: object[] }).warnings, [{ code: 'target_down', detail }])
    assert.equal(json.err, '')
  })

  it('edits numbers and agents of an environment’s draft, and nothing that runs', async () => {
    await terminal.baton('routes', 'import', file)
    await terminal.baton('routes', 'publish')
    await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1')
    const edit = async (...args: string[]) => {
      const { code, err } = await terminal.baton('routes', ...args, '--env', 'live')
      assert.equal(code, 0, err)
    }
    await edit('number', 'add', '+14155550101')
    await edit('number', 'change', '+14155550101', '+14155550102')
    await edit('number', 'remove', '+14155550100')
    await edit('agent', 'add', 'sip:agent@127.0.0.1:5099', '--at', '1')
    const numbers = await terminal.baton('routes', 'numbers', 'list')
    assert.match(numbers.out, /live +\+14155550102 +no +yes\nlive +\+14155550100 +yes +no/)
    const { out } = await terminal.baton('routes', 'agent', 'list', '--json')
    const { agents } = JSON.parse(out) as { agents: { environment: string; agent: string }[] }
    assert.deepEqual(
      agents.filter(({ environment }) => environment === 'live').map(({ agent }) => agent),
      ['sip:agent@127.0.0.1:5099', 'sip:agent@127.0.0.1:5090'],
    )
    const refusals = [
      await terminal.baton('routes', 'number', 'add', '12', '--env', 'live'),
      await terminal.baton('routes', 'number', 'add', '+14155550199', '--env', 'live'),
      await terminal.baton('routes', 'number', 'remove', '+14155550100', '--env', 'live'),
      await terminal.baton('routes', 'agent', 'add', 'sip:agent@127.0.0.1:5090', '--env', 'live'),
      await terminal.baton('routes', 'agent', 'add', 'sip:a@127.0.0.1'),
    ]
    assert.deepEqual(
      refusals.map(({ code }) => code),
      [1, 1, 1, 1, 1],
    )
  })

  it('loses no change that another client makes in between', async () => {
    const baton = await startApi()
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    const { port } = baton.api.server.address() as AddressInfo
    terminal.env.HTTP_LISTEN = `127.0.0.1:${port}`
    await terminal.baton('routes', 'import', file)
    const added = await Promise.all(
      Array.from({ length: 4 }, (_, n) =>
        terminal.baton('routes', 'number', 'add', `+1415555012${n}`, '--env', 'live'),
      ),
    )
    assert.deepEqual(
      added.map(({ code }) => code),
      [0, 0, 0, 0],
    )
    const { settings } = await baton.routing.environments.draft('demo', 'live')
    assert.equal(settings.numbers?.length, 5)
    await baton.close()
  })

  it('shows a history with the values before and after', async () => {
    await terminal.baton('routes', 'import', file)
    await terminal.baton('routes', 'handoff', 'update', 'front-desk', '--set', 'ring_timeout=12')
    await terminal.baton('routes', 'number', 'change', '+14155550100', '+14155550101', '--env', 'live')
    const { out } = await terminal.baton('routes', 'history')

    assert.match(out, /settings live .*\n {4}~ settings live: numbers .*\+14155550100.* → .*\+14155550101/)
    assert.match(out, /draft .*\n {4}~ handoff front-desk: ring_timeout 30 → 12\n/)
    assert.match(out, /import .*\n(?: {4}.*\n)* {4}\+ handoff front-desk\n/)
  })

  it('promotes to a share of the calls', async () => {
    await terminal.baton('routes', 'import', file)
    await terminal.baton('routes', 'publish')
    await terminal.baton('routes', 'publish')
    await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1')
    const canary = await terminal.baton('routes', 'promote', '--env', 'live', '--version', '2', '--canary', '10')

    assert.equal(canary.out, '10 % of the calls of live of demo run release 2, version 2 now.\n')
    assert.match((await terminal.baton('routes', 'show')).out, /live +1 +1, 10 % 2/)
  })

  it('exports what was imported, byte for byte', async () => {
    await terminal.baton('routes', 'import', file)

    assert.equal((await terminal.baton('routes', 'export')).out, demo)
  })

  it('keeps a byte order mark and CRLF, with and without a Baton, and writes the file where it is told to', async () => {
    const written = `\ufeff${demo.replaceAll('\n', '\r\n')}`
    const windows = await terminal.file('windows.yaml', written)
    const copy = `${terminal.dir}/copy.yaml`
    await terminal.baton('routes', 'import', windows)
    await terminal.baton('routes', 'export', '--out', copy)
    const baton = await startApi()
    const url = await baton.api.listen({ host: '127.0.0.1', port: 0 })
    await terminal.baton('routes', 'import', windows, '--url', url)
    const served = await terminal.baton('routes', 'export', '--url', url)
    const nowhere = await terminal.baton('routes', 'export', '--url', url, '--out', `${terminal.dir}/no/such.yaml`)
    await baton.close()

    assert.equal(await readFile(copy, 'utf8'), written)
    assert.equal(served.out, written)
    assert.equal(nowhere.code, 1)
    assert.match(nowhere.err, /such\.yaml cannot be written: ENOENT/)
  })

  it('refuses a file that is not UTF-8, with the line, and stores nothing', async () => {
    const latin1 = await terminal.file(
      'latin1.yaml',
      Buffer.from(demo.replace('region: west', 'region: Rhône'), 'latin1'),
    )
    const checked = await terminal.baton('routes', 'validate', latin1)
    const imported = await terminal.baton('routes', 'import', latin1)

    assert.deepEqual([checked.code, imported.code], [1, 1])
    assert.match(checked.out, /line 4, .*is not UTF-8/)
    assert.match(imported.err, /line 4, .*is not UTF-8/)
    assert.equal((await terminal.baton('routes', 'show', 'demo')).code, 1)
  })

  it('prints one JSON document with --json, also when it fails, and prints the reason on standard error', async () => {
    await terminal.baton('routes', 'import', file)
    await terminal.baton('routes', 'publish')
    const promote = ['routes', 'promote', '--env', 'live', '--json', '--version']
    const broken = await terminal.file('broken.yaml', demo.replace('method: invite', 'method: teleport'))
    const failures = {
      'lost race': await terminal.baton(...promote, '1', '--expected', '7'),
      'unknown version': await terminal.baton(...promote, '9'),
      'no number': await terminal.baton(...promote, 'one'),
      'mistakes in the file': await terminal.baton('routes', 'import', broken, '--json'),
      'no such file': await terminal.baton('routes', 'import', `${terminal.dir}/nowhere`, '--json'),
      'no such command': await terminal.baton('routes', 'sing', '--json'),
      'no Baton': await terminal.baton('calls', '--json'),
      'an answer that says it': await terminal.baton('routes', 'validate', broken, '--json'),
    }
    const said = Object.fromEntries(
      Object.entries(failures).map(([what, { out }]) => [what, (JSON.parse(out) as { error?: ProblemView }).error]),
    )

    for (const [what, { code, err }] of Object.entries(failures)) {
      assert.equal(code, 1, what)
      assert.notEqual(err, '', what)
    }
    const { status, type } = said['lost race'] ?? {}
    assert.deepEqual([status, type], [412, 'urn:baton:problem:promotion-lost'])
    assert.equal(said['unknown version']?.status, 404)
    assert.equal(said['mistakes in the file']?.errors?.[0]?.pointer, '/table/handoffs/1/method')
    for (const [what, detail] of [
      ['no number', /^option '--version <number>'.*whole number/],
      ['no such file', /nowhere cannot be read/],
      ['no such command', /unknown command 'sing'/],
      ['no Baton', /No Baton is running/],
    ] as const) {
      assert.match(said[what]?.detail ?? '', detail)
    }
    assert.equal(said['an answer that says it'], undefined)
  })

  it('names every mistake of a file with its line, whether it checks or imports', async () => {
    const broken = await terminal.file('broken.yaml', demo.replace('method: invite', 'method: teleport'))
    const checked = await terminal.baton('routes', 'validate', broken)
    const json = await terminal.baton('routes', 'validate', broken, '--json')
    const imported = await terminal.baton('routes', 'import', broken)

    assert.deepEqual([checked.code, json.code, imported.code], [1, 1, 1])
    assert.match(checked.out, /broken\.yaml: line 12, \/table\/handoffs\/1\/method/)
    assert.equal((JSON.parse(json.out) as { errors: { line: number }[] }).errors[0]?.line, 12)
    assert.match(imported.err, /line 12, \/table\/handoffs\/1\/method/)
    assert.equal((await terminal.baton('routes', 'validate', file)).code, 0)
  })

  it('says what to do when a command is ambiguous', async () => {
    const none = await terminal.baton('routes', 'publish')
    await terminal.baton('routes', 'import', file)
    await terminal.baton(
      'routes',
      'import',
      await terminal.file('other.yaml', demo.replace('demo', 'other').replaceAll('+141555501', '+141555502')),
    )
    const two = await terminal.baton('routes', 'publish')
    const unread = await terminal.baton('routes', 'import', `${terminal.dir}/nowhere.yaml`)
    const noEnvironment = await terminal.baton('routes', 'promote', '--version', '1')
    const noNumber = await terminal.baton('routes', 'promote', '--env', 'live', '--version', 'one')

    assert.deepEqual(
      [none, two, unread, noEnvironment, noNumber].map(({ code }) => code),
      [1, 1, 1, 1, 1],
    )
    assert.match(none.err, /npx baton routes import FILE/)
    assert.match(two.err, /--project demo or --project other/)
    assert.match(unread.err, /nowhere\.yaml cannot be read/)
    assert.match(noEnvironment.err, /--env/)
    assert.match(noNumber.err, /whole number/)
  })

  it('says that Redis is gone, and does not take it for empty', async () => {
    terminal.env.REDIS_URL = 'redis://127.0.0.1:1'
    const { code, err } = await terminal.baton('routes', 'publish')

    assert.equal(code, 1)
    assert.match(err, /127\.0\.0\.1:1.*ECONNREFUSED/)
    assert.doesNotMatch(err, /routes import/)
  })

  it('refuses with the settings that are wrong, all of them', async () => {
    Object.assign(terminal.env, { HTTP_LISTEN: 'nonsense', SIP_LISTEN: 'carrier-pigeon:1' })
    const { code, err } = await terminal.baton('routes', 'show')

    assert.equal(code, 1)
    assert.match(err, /HTTP_LISTEN/)
    assert.match(err, /SIP_LISTEN/)
  })
})

describe('baton explain', () => {
  it('prints the plan with its headers, without a Baton', async () => {
    const terminal = await Terminal.open()
    await terminal.baton('routes', 'import', await terminal.file('demo.yaml', demo))
    await terminal.baton('routes', 'publish')
    await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1')
    const one = await terminal.baton('explain', 'front-desk', '--env', 'live', '--caller', '+14155550123')
    const both = await terminal.baton('explain', 'demo', 'duty-manager', '--env', 'live', '--json')
    const unpromoted = await terminal.baton('explain', 'front-desk', '--env', 'sandbox')
    await terminal.close()

    assert.equal(one.code, 0)
    assert.match(one.out, /1\. refer sip:front-desk@127\.0\.0\.1:5092/)
    assert.match(one.out, /X-Caller: \+14155550123/)
    assert.equal((JSON.parse(both.out) as { handoff: string }).handoff, 'duty-manager')
    assert.equal(unpromoted.code, 1)
    assert.match(unpromoted.err, /Nothing has been promoted/)
  })

  it('is of a version, of the draft, of a moment and of a trunk', async () => {
    const terminal = await Terminal.open()
    await terminal.baton('routes', 'import', await terminal.file('demo.yaml', demo))
    await terminal.baton('routes', 'publish')
    await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1')
    await terminal.baton('routes', 'handoff', 'update', 'front-desk', '--set', 'route=+14155550111')
    const trunks = [
      { name: 'local', peers: ['127.0.0.0/8'] },
      { name: 'carrier', peers: ['192.0.2.1'], gateways: ['sip:gw.example'], refer: false, number_format: 'prefix_00' },
    ]
    terminal.env.BATON_CONFIG = await terminal.file('baton.yaml', JSON.stringify({ trunks }))
    const explain = (...more: string[]) => terminal.baton('explain', 'front-desk', '--env', 'live', ...more)
    const running = await explain('--version', '1', '--at', '2026-03-02T15:00:00Z')
    const draft = await explain('--draft', '--trunk', 'carrier')
    const both = await explain('--draft', '--version', '1')
    const nowhere = await explain('--trunk', 'moon')
    await terminal.close()

    assert.match(running.out, /^demo live, version 1, trunk local: front-desk/)
    assert.match(running.out, /\n {3}REFER to the caller, \d+ bytes:\n {3}\| REFER sip:/)
    assert.match(draft.out, /^demo live, the draft of version 2, trunk carrier: front-desk/)
    assert.match(draft.out, /\| INVITE sip:0014155550111@gw\.example;user=phone SIP\/2\.0\n/)
    assert.match(draft.out, /\nwarning refer_off: trunk carrier takes no REFER/)
    assert.match(both.err, /cannot be used with option/)
    assert.match(nowhere.err, /There is no trunk moon/)
  })
})
