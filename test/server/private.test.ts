import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redacted } from '../../config/redacted.ts'
import { loadSettings } from '../../config/index.ts'
import { jsonList } from '../../server/api/streamed-answers.ts'
import { shareAudio } from '../../server/audio/index.ts'
import { writeAudioFile } from '../../server/audio/audio-file.ts'
import { keepPrivate } from '../../server/start.ts'
import { masked } from '../../engine/index.ts'

describe('private data', () => {
  it('under DATA_DIR is for the user of Baton alone, older files included', () => {
    const umask = process.umask(0o022)
    const folder = mkdtempSync(join(tmpdir(), 'baton-private-'))
    mkdirSync(join(folder, 'cdr'), { mode: 0o755 })
    writeFileSync(join(folder, 'cdr', 'old.jsonl'), '{}', { mode: 0o644 })
    keepPrivate(folder)
    writeFileSync(join(folder, 'cdr', 'new.jsonl'), '{}')
    process.umask(umask)
    const modes = ['', 'cdr', 'cdr/old.jsonl', 'cdr/new.jsonl'].map((path) => statSync(join(folder, path)).mode & 0o777)
    rmSync(folder, { recursive: true })

    assert.deepEqual(modes, [0o700, 0o700, 0o600, 0o600])
  })

  it('lets an rtpengine of another user read the audio that it plays, and list nothing', async () => {
    const umask = process.umask(0o022)
    const folder = mkdtempSync(join(tmpdir(), 'baton-private-'))
    const old = join(folder, 'audio', 'old.wav')
    mkdirSync(join(folder, 'audio'), { mode: 0o700 })
    writeFileSync(old, 'old', { mode: 0o600 })
    writeFileSync(join(folder, 'caps.json'), '{}')
    keepPrivate(folder)
    shareAudio(folder)
    const spoken = join(folder, 'speech', 'new.mp3')
    await writeAudioFile(spoken, Buffer.from('new'))
    process.umask(umask)
    const paths = ['', 'audio', 'audio/old.wav', 'speech', 'speech/new.mp3', 'caps.json']
    const modes = paths.map((path) => (statSync(join(folder, path)).mode & 0o777).toString(8))
    const asOther = { uid: 65_534, gid: 65_534 }
    // Only root can take another user's place.
    const read =
      process.getuid?.() === 0 ? [old, spoken].map((path) => String(execFileSync('cat', [path], asOther))) : []
    rmSync(folder, { recursive: true })

    assert.deepEqual(modes, ['711', '711', '644', '711', '644', '600'])
    if (read.length > 0) assert.deepEqual(read, ['old', 'new'])
  })

  it('of digest responses is masked in both headers, in any spelling', () => {
    for (const name of ['Authorization', 'Proxy-Authorization', 'authorization ']) {
      const text = `BYE sip:a SIP/2.0\r\n${name}: Digest username="a", response="0123456789abcdef", nc=00000001\r\n\r\n`
      assert.equal(masked(text), text.replace('0123456789abcdef', '***'))
    }
    const other = 'SIP/2.0 200 OK\r\nX-A: response="kept"\r\n\r\n'
    assert.equal(masked(other), other)
  })

  it('in the URL of a webhook is masked', () => {
    const env = { WEBHOOK_URL: 'https://hooks.example.com/token-1?key=2', WEBHOOK_SECRET: 'long' }
    assert.deepEqual(redacted(loadSettings({ env, terminal: false })).webhook, {
      url: 'https://hooks.example.com',
      secret: '***',
    })
    assert.throws(
      () => loadSettings({ env: { ...env, WEBHOOK_URL: 'https://ann:hunter2@example.com' }, terminal: false }),
      (error: Error) => !error.message.includes('hunter2'),
    )
  })
})

describe('the default secret of drachtio-server', () => {
  it('is refused where others can connect', () => {
    const load = (env: Record<string, string>) => () => loadSettings({ env, terminal: false })
    assert.throws(load({ DRACHTIO_LISTEN: '0.0.0.0:9023' }), /DRACHTIO_SECRET is the default/)
    assert.doesNotThrow(load({ DRACHTIO_LISTEN: '127.0.0.1:9023' }))
    assert.doesNotThrow(load({ DRACHTIO_LISTEN: '0.0.0.0:9023', DRACHTIO_SECRET: 'other' }))
  })
})

describe('a list that is streamed', () => {
  it('is JSON, with its other fields', async () => {
    const read = async (elements: unknown[], others?: object) => {
      const chunks: Buffer[] = []
      for await (const chunk of jsonList('messages', () => elements, others)) chunks.push(chunk as Buffer)

      return JSON.parse(Buffer.concat(chunks).toString()) as unknown
    }
    const long = Array.from({ length: 100 }, (_, n) => 'é'.repeat(1000) + String(n))

    assert.deepEqual(await read([]), { messages: [] })
    assert.deepEqual(await read(long, { omitted: 3 }), { messages: long, omitted: 3 })
  })
})
