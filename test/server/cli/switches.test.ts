import assert from 'node:assert/strict'
import { demo } from '../api/baton.ts'
import { Terminal } from './terminal.ts'

describe('baton close, open, divert and switches', () => {
  let terminal: Terminal
  beforeEach(async () => {
    terminal = await Terminal.open()
    await terminal.baton('routes', 'import', await terminal.file('demo.yaml', demo))
    await terminal.baton('routes', 'publish')
    await terminal.baton('routes', 'promote', '--env', 'live', '--version', '1')
  })
  afterEach(() => terminal.close())

  it('set switches, list them newest first with what is under which, and remove them', async () => {
    const closed = await terminal.baton('close', 'front-desk', '--env', 'live', '-m', 'fire drill')
    assert.match(closed.out, /^Closed front-desk in live of demo until the switch is removed \(switch \w+\)\.\n$/)
    const diverted = await terminal.baton('divert', 'front-desk', 'duty-manager', '--env', 'live', '--until', '2h')
    assert.match(diverted.out, /^Callers of front-desk go to duty-manager in live of demo until \d{4}-.*Z \(/)
    assert.match(diverted.out, /newer than the close of \S+/)
    const list = await terminal.baton('switches')
    assert.match(list.out, /live +front-desk +divert to duty-manager +\d{4}-\S+ +\S+ +in force +-\n/)
    assert.match(list.out, /live +front-desk +close +- +\S+ +under \w+ +fire drill\n/)
    const { switches } = JSON.parse((await terminal.baton('switches', '--json')).out) as { switches: { id: string }[] }
    for (const { id } of switches) {
      assert.equal((await terminal.baton('switches', 'remove', id, '--env', 'live')).code, 0)
    }
    assert.equal((await terminal.baton('switches', 'list')).out, 'No switches.\n')
  })

  it('say what is wrong, and set nothing', async () => {
    const none = await terminal.baton('open', '--env', 'live')
    assert.match(none.err, /Say what to open: a handoff, or a schedule by --schedule\./)
    const unknown = await terminal.baton('close', '--schedule', 'office', '--env', 'live')
    assert.deepEqual(unknown.code, 1)
    assert.match(unknown.err, /which has no "office"/)
    const never = await terminal.baton('close', 'front-desk', '--env', 'live', '--until', 'tomorrow')
    assert.match(never.err, /Write a time such as/)
    assert.equal((await terminal.baton('switches')).out, 'No switches.\n')
  })
})
