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
    assert.match(refused.err, /A token is needed/)
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
    assert.equal(lint.code, 0)
    assert.equal(refused.code, 1)
    assert.match(refused.err, /support is the default/)
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

  it('keeps a byte order mark and CRLF, whoever answers, and writes the file where it is told to', async () => {
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

  it('prints one JSON document with --json, also when it fails, and tells people why beside it', async () => {
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
    assert.deepEqual([said['lost race']?.status, said['lost race']?.type], [412, 'urn:baton:problem:promotion-lost'])
    assert.equal(said['unknown version']?.status, 404)
    assert.match(said['no number']?.detail ?? '', /^option '--version <number>'.*whole number/)
    assert.equal(said['mistakes in the file']?.errors?.[0]?.pointer, '/table/handoffs/1/method')
    assert.match(said['no such file']?.detail ?? '', /nowhere cannot be read/)
    assert.match(said['no such command']?.detail ?? '', /unknown command 'sing'/)
    assert.match(said['no Baton']?.detail ?? '', /No Baton is running/)
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

  it('says what to do when it cannot tell what is meant', async () => {
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
})
