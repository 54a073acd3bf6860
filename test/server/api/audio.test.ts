import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from 'winston'
import { openAudioStore, UnusedAudio, type AudioStore } from '../../../server/audio/index.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { needs } from '../../harness/needs.ts'
import { RedisServer } from '../../routes/redis-server.ts'
import { tone } from '../audio/tone.ts'
import { demo, startApi, type TestApi } from './baton.ts'

const wav = { 'content-type': 'audio/wav' }
const yaml = { 'content-type': 'application/yaml' }
const withDesk = demo.replace('default: true', 'default: true\n      announce: sales.wav')

const silentWinston = createLogger({ silent: true })

describe('The audio files of a project', () => {
  let dir: string
  let baton: TestApi
  let audio: AudioStore

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-audio-'))
    audio = await openAudioStore({ dataDir: dir })
    baton = await startApi({ audio })
    await send('PUT', '/v1/projects/demo', demo, yaml)
  })
  afterEach(async () => {
    await baton.close()
    audio.close()
    await rm(dir, { recursive: true, force: true })
  })

  const send = (
    method: string,
    url: string,
    payload?: Buffer | string | object,
    headers: Record<string, string> = {},
  ) => baton.api.inject({ ...{ method: method as 'PUT', url, headers }, ...(payload !== undefined && { payload }) })
  const put = (name: string, bytes: Buffer, headers: Record<string, string> = {}) =>
    send('PUT', `/v1/projects/demo/audio/${name}`, bytes, { ...wav, ...headers })
  const digestIn = async (version: number) => (await baton.routing.version('demo', version)).table.audio?.['sales.wav']

  it('are checked when they are kept, listed with their level, and heard again byte for byte', async () => {
    const bytes = tone(2)
    const kept = await put('sales.wav', bytes)
    assert.equal(kept.statusCode, 200)
    const facts = { name: 'sales.wav', bytes: bytes.length, seconds: 2, sampleRate: 8000, channels: 1, peakDb: -6 }
    const { digest, ...view } = kept.json<{ digest: string }>()
    assert.deepEqual(view, { ...facts, warnings: [], usedBy: [] })
    assert.deepEqual((await send('GET', '/v1/projects/demo/audio')).json(), { audio: [{ digest, ...view }] })
    const heard = await send('GET', '/v1/projects/demo/audio/sales.wav')
    assert.deepEqual([heard.statusCode, heard.headers['content-type']], [200, 'audio/wav'])
    assert.deepEqual(heard.rawPayload, bytes)
    assert.equal((await send('GET', '/v1/projects/demo/audio/none.wav')).statusCode, 404)
  })

  it('are removed once no draft and no version has named them for two passes', async () => {
    const digest = async (name: string, bytes: Buffer) => (await put(name, bytes)).json<{ digest: string }>().digest
    await send('PUT', '/v1/projects/demo', withDesk, yaml)
    const published = await digest('sales.wav', tone(1))
    await send('POST', '/v1/projects/demo/versions', { message: 'with sales.wav' })
    const drafted = await digest('sales.wav', tone(2))
    const replaced = await digest('music.wav', tone(3))
    await send('DELETE', '/v1/projects/demo/audio/music.wav')
    const uploading = await audio.put(tone(4))
    const parts = { routing: baton.routing, clock: new FakeClock(), log: silentWinston }
    const unused = new UnusedAudio(audio, parts)
    assert.deepEqual(await unused.pass(), [])
    assert.deepEqual((await audio.digests()).sort(), [published, drafted, replaced, uploading].sort())
    await digest('late.wav', tone(4))
    assert.deepEqual(await unused.pass(), [replaced])
    assert.deepEqual((await audio.digests()).sort(), [published, drafted, uploading].sort())
    const unread = new UnusedAudio(audio, {
      ...parts,
      routing: {
        health: () => ({ ...baton.routing.health(), ok: false, problems: ['the store cannot be read'] }),
        projects: () => [],
        getDraft: (project) => baton.routing.getDraft(project),
        version: (...named) => baton.routing.version(...named),
      },
    })
    await assert.rejects(unread.pass(), /the store cannot be read/)
    unused.close()
  })

  it('are refused with what is wrong', async () => {
    const silent = await put('sales.wav', tone(1, { level: 0 }))
    assert.equal(silent.statusCode, 422)
    assert.match(silent.body, /is silent/)
    assert.match((await put('sales.mp3', tone(1))).body, /end with \.wav/)
    assert.equal((await put('sales.wav', tone(1), { 'content-type': 'image/png' })).statusCode, 415)
    assert.equal((await put('sales.wav', tone(1), { 'if-match': '"sha256:0"' })).statusCode, 412)
    assert.deepEqual((await send('GET', '/v1/projects/demo/audio')).json(), { audio: [] })
  })

  it('belong to the version that was published with them, and come back by a rollback', async () => {
    await send('PUT', '/v1/projects/demo', withDesk, yaml)
    await put('sales.wav', tone(1))
    await send('POST', '/v1/projects/demo/versions', {})
    await put('sales.wav', tone(2))
    await send('POST', '/v1/projects/demo/versions', {})
    const [first, second] = [await digestIn(1), await digestIn(2)]
    assert.ok(first !== undefined && second !== undefined && first !== second)
    assert.deepEqual(await audio.get(first), tone(1))
    const diff = await send('GET', '/v1/projects/demo/versions/1/diff/2')
    assert.match(diff.body, /"what":"audio","name":"sales\.wav"/)
    for (const version of [1, 2]) {
      await send('POST', '/v1/projects/demo/environments/live/promote', { version })
      assert.equal(baton.routing.running('demo')[0]?.table.audio['sales.wav'], await digestIn(version))
    }
    await send('POST', '/v1/projects/demo/environments/live/rollback', {})
    assert.equal(baton.routing.running('demo')[0]?.table.audio['sales.wav'], first)
  })

  it('stay when a project file without them is imported, and are missed where a handoff names one that is not there', async () => {
    const lint = async () => (await send('GET', '/v1/projects/demo/draft/lint')).body
    await send('PUT', '/v1/projects/demo', withDesk, yaml)
    assert.match(await lint(), /there is no audio file sales\.wav/)
    await put('sales.wav', tone(1))
    await put('other.wav', tone(1))
    assert.doesNotMatch(await lint(), /there is no audio file/)
    assert.match(await lint(), /no handoff plays other\.wav/)
    await send('PUT', '/v1/projects/demo', withDesk, yaml)
    const { audio: listed } = (await send('GET', '/v1/projects/demo/audio')).json<{ audio: { name: string }[] }>()
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['sales.wav', 'other.wav'],
    )
  })

  it('are deleted, unless a handoff plays them', async () => {
    await send('PUT', '/v1/projects/demo', withDesk, yaml)
    await put('sales.wav', tone(1))
    const remove = () => send('DELETE', '/v1/projects/demo/audio/sales.wav')
    const refused = await remove()
    assert.equal(refused.statusCode, 422)
    assert.match(refused.body, /front-desk plays it/)
    await send('PUT', '/v1/projects/demo', demo, yaml)
    assert.equal((await remove()).statusCode, 200)
    assert.equal((await remove()).statusCode, 404)
  })
})

describe('The store of audio files', () => {
  needs('redis-server')

  it('gives what one Baton kept to the others of its Redis', async () => {
    const redis = await RedisServer.start()
    const dirs = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'baton-audio-'))))
    const [one, other] = await Promise.all(dirs.map((dataDir) => openAudioStore({ dataDir, redisUrl: redis.url })))
    assert.ok(one && other)
    const digest = await one.put(tone(1))
    assert.deepEqual(await other.get(digest), tone(1))
    assert.match((await other.path(digest)) ?? '', /\.wav$/)
    assert.equal(await other.get('sha256:0'), undefined)
    assert.equal(await other.path('sha256:0'), undefined)
    one.close()
    other.close()
    await redis.stop()
    await Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true })))
  })
})
