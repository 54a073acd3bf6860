import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import { audioSources, Speech } from '../../../server/audio/index.ts'
import { json, HttpEndpoint } from '../../harness/http-endpoint.ts'
import { until } from '../../harness/until.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { tone } from './tone.ts'

const day = 86_400_000

describe('A text of an announcement', () => {
  let endpoint: HttpEndpoint
  let clock: FakeClock
  let dir: string
  const counted: string[] = []
  const audio = tone(1)
  const sends =
    (bytes: Buffer, type = 'audio/wav') =>
    (response: ServerResponse) =>
      response.writeHead(200, { 'content-type': type }).end(bytes)
  before(async () => {
    endpoint = await HttpEndpoint.start({
      speaks: sends(audio),
      long: sends(tone(5)),
      huge: sends(Buffer.alloc(6_000_001, 1)),
      empty: sends(Buffer.alloc(0)),
      error: json({ error: 'no such voice' }),
      refuses: json({ error: 'no credit' }, 402),
      hangs: () => undefined,
    })
  })
  after(() => endpoint.close())
  beforeEach(() => {
    clock = new FakeClock()
    dir = join(mkdtempSync(join(tmpdir(), 'baton-speech-')), 'speech')
    counted.length = 0
  })
  afterEach(() => {
    rmSync(join(dir, '..'), { recursive: true })
  })
  const speechAt = (path: string, url = endpoint.url(path)) =>
    new Speech({
      settings: { url, model: 'tts-1', voice: 'alloy', format: 'wav', timeout: 5 },
      ...{ dir, clock },
      observed: (result, seconds) => counted.push(`${result} ${seconds}`),
    })

  it('is spoken once for all who want it at that moment, and once for later ones and for another process', async () => {
    const before = endpoint.asked.length
    const speech = speechAt('speaks')
    const spoken = await Promise.all([speech.spoken('a call'), speech.spoken('a call')])
    assert.deepEqual(spoken, [{ value: { bytes: audio } }, { value: { bytes: audio } }])
    assert.deepEqual(await speechAt('speaks').spoken('a call'), { value: { bytes: audio } })
    assert.equal(endpoint.asked.length, before + 1)
    await speech.spoken('another call')
    assert.equal(endpoint.asked.length, before + 2)
    assert.deepEqual(counted, ['spoken 0', 'kept 0', 'spoken 0'])
  })

  it('is given by its file where it is too long to go with a command', async () => {
    const spoken = await speechAt('long').spoken('a long story')
    const [name = ''] = readdirSync(dir)
    assert.deepEqual(spoken, { value: { file: join(dir, name) } })
    assert.match(name, /^[0-9a-f]{64}\.wav$/)
  })

  for (const [path, problem, result] of [
    ['refuses', 'it answered 402', 'refused'],
    ['error', 'it sent application/json, no audio', 'invalid'],
    ['empty', 'its audio is empty', 'invalid'],
    ['huge', 'its audio has more than 6000000 bytes', 'invalid'],
  ] as const) {
    it(`is not played where the endpoint fails: ${problem}`, async () => {
      assert.deepEqual(await speechAt(path).spoken('a call'), { problem: `the speech endpoint: ${problem}` })
      assert.deepEqual(counted, [`${result} 0`])
    })
  }

  it('is not played where no endpoint is there, or is named', async () => {
    const { problem } = await speechAt('', 'http://127.0.0.1:1/').spoken('a call')
    assert.match(problem ?? '', /^the speech endpoint: no connection: .+/)
    assert.deepEqual(counted, ['unreachable 0'])
    const none = audioSources({} as never, undefined)
    assert.match((await none.spoken('a call')).problem ?? '', /SPEECH_URL/)
  })

  it('is waited for until the time-out, by so many that the endpoint cannot be buried', async () => {
    const before = endpoint.asked.length
    const speech = speechAt('hangs')
    const waiting = Array.from({ length: 33 }, (_, n) => speech.spoken(`call ${n}`))
    assert.deepEqual(await Promise.race(waiting), { problem: 'the speech endpoint: 32 texts are being spoken' })
    await until('all others are asked', () => endpoint.asked.length === before + 32)
    clock.advance(5000)
    const problems = (await Promise.all(waiting)).map(({ problem }) => problem)
    assert.equal(problems.filter((problem) => problem === 'the speech endpoint: no answer within 5 s').length, 32)
    assert.deepEqual([counted[0], counted.length, counted.at(-1)], ['busy 0', 33, 'timeout 5'])
  })

  it('is deleted a day after it was last heard, and the oldest of more than a thousand', async () => {
    mkdirSync(dir)
    const now = Date.now()
    for (let n = 0; n < 1001; n++) {
      const path = join(dir, `${String(n).padStart(4, '0')}.wav`)
      writeFileSync(path, 'kept')
      const heardAt = (now - (n === 7 ? 2 * day : n)) / 1000
      utimesSync(path, heardAt, heardAt)
    }
    await speechAt('speaks').spoken('a call')
    const names = readdirSync(dir).sort()
    assert.equal(names.length, 1000)
    for (const gone of ['0007.wav', '1000.wav']) assert.ok(!names.includes(gone), gone)
  })

  it('is told of as a problem where its audio cannot be kept', async () => {
    writeFileSync(dir, 'a file in the place of the folder')
    assert.match((await speechAt('speaks').spoken('a call')).problem ?? '', /^its audio cannot be kept: /)
  })
})
