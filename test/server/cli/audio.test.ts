import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { callView, demo, FakeCall, startApi } from '../api/baton.ts'
import { tone } from '../audio/tone.ts'
import { Terminal } from './terminal.ts'

describe('baton audio', () => {
  let terminal: Terminal
  beforeEach(async () => {
    terminal = await Terminal.open()
    await terminal.baton('routes', 'import', await terminal.file('demo.yaml', demo))
  })
  afterEach(() => terminal.close())

  it('keeps files with the draft, lists them, writes and deletes them', async () => {
    const bytes = tone(1)
    const kept = await terminal.baton('audio', 'put', await terminal.file('music.wav', bytes))
    assert.deepEqual([kept.code, kept.out.split('\n').length], [0, 3])
    assert.match(kept.out, /music\.wav +1 +8000 +1 +-6 dB +- +sha256:/)
    const quiet = await terminal.baton('audio', 'put', join(terminal.dir, 'music.wav'), '--name', 'sales.wav', '--json')
    assert.equal((JSON.parse(quiet.out) as { name: string }).name, 'sales.wav')
    const listed = await terminal.baton('audio')
    assert.match(listed.out, /music\.wav[\s\S]*sales\.wav/)
    const output = join(terminal.dir, 'out.wav')
    const got = await terminal.baton('audio', 'get', 'music.wav', '--output', output)
    assert.equal(got.out, `Wrote ${bytes.length} bytes to ${output}.\n`)
    assert.deepEqual(await readFile(output), bytes)
    for (const name of ['music.wav', 'sales.wav']) {
      assert.equal((await terminal.baton('audio', 'delete', name)).out, `Deleted ${name} from the draft.\n`)
    }
    assert.equal((await terminal.baton('audio', 'list')).out, 'No audio files.\n')
  })

  it('warns of a file that is quiet, and refuses one that is no sound', async () => {
    const quiet = await terminal.baton('audio', 'put', await terminal.file('quiet.wav', tone(1, { level: 0.02 })))
    assert.match(quiet.out, /Warning: it is quiet/)
    const silent = await terminal.baton('audio', 'put', await terminal.file('silent.wav', tone(1, { level: 0 })))
    assert.deepEqual(silent.code, 1)
    assert.match(silent.err, /silent\.wav is silent/)
    const missing = await terminal.baton('audio', 'put', join(terminal.dir, 'missing.wav'))
    assert.match(missing.err, /missing\.wav cannot be read: .*ENOENT/)
    const unknown = await terminal.baton('audio', 'delete', 'missing.wav')
    assert.deepEqual(unknown.code, 1)
    assert.match(unknown.err, /no audio file "missing\.wav"/)
  })
})

describe('baton accept and baton decline', () => {
  it('speak for the person who has answered; without one there is nothing to decide', async () => {
    const [terminal, baton] = [await Terminal.open(), await startApi()]
    try {
      await baton.api.listen({ host: '127.0.0.1', port: 0 })
      terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`
      const call = new FakeCall(callView())
      baton.calls.set('call-1', call)
      assert.match((await terminal.baton('accept', 'call-1')).err, /No transfer is running/)
      await terminal.baton('transfer', 'call-1', 'front-desk')
      assert.equal((await terminal.baton('accept', 'call-1')).out, 'The caller of call-1 is accepted.\n')
      assert.equal((await terminal.baton('decline', 'call-1')).out, 'The caller of call-1 is declined.\n')
      assert.deepEqual(call.requests.slice(1), ['accepted', 'declined'])
    } finally {
      await baton.close()
      await terminal.close()
    }
  })
})
