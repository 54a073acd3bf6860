import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { ConfigError, loadSettings, redacted } from '../../config/index.ts'
import { parseRedisUrl, Routing } from '../../routes/index.ts'
import { createLog } from '../../server/log.ts'
import { openStore } from '../../server/open-store.ts'
import { machineCheckup } from '../../server/cli/machine-checkup.ts'
import { run } from '../../server/cli/run.ts'
import { postEvent } from '../../server/webhooks/webhooks.ts'
import { startApi } from './api/baton.ts'

// A random password with a part that no other text has.
const password = fc
  .tuple(fc.string({ unit: fc.constantFrom(...Array.from('/@:#?&=%;,[]"\'\\+ aZ9é')), maxLength: 8 }), fc.nat(3))
  .map(([odd, at]) => `s3cr${odd.slice(0, at)}et-t0ken${odd.slice(at)}`)
const writings = [encodeURIComponent, (text: string) => text] as const

/** Asserts that a text has neither the password, plain or escaped, nor a part of it. */
function assertHidden(shown: string, secret: string): void {
  for (const text of [secret, encodeURIComponent(secret), 's3cr', 't0ken']) assert.ok(!shown.includes(text), shown)
}

describe('a password', () => {
  it('is neither in settings that are shown nor in the problems of wrong ones', () => {
    const speech = { MEDIA: 'rtpengine', RTPENGINE: 'media:2223' }
    const urls: ((secret: string) => Record<string, string>)[] = [
      (secret) => ({ REDIS_URL: `redis://:${secret}@h/0` }),
      (secret) => ({ REDIS_URL: `redis://${secret.replaceAll(':', '%3A')}@h` }),
      (secret) => ({ REDIS_URL: `rediss://ann:${secret}@h:6379/1?ca=/ca.pem` }),
      (secret) => ({ REDIS_URL: `redis+sentinel://ann:${secret}@a,b/main?sentinel_password=${secret}&x=${secret}` }),
      (secret) => ({ REDIS_URL: `redis+cluster://h:1?password=${secret}` }),
      (secret) => ({ WEBHOOK_URL: `https://ann:${secret}@h/`, WEBHOOK_SECRET: 'long' }),
      (secret) => ({ WEBHOOK_URL: `https://h/${secret}?token=${secret}#${secret}`, WEBHOOK_SECRET: secret }),
      (secret) => ({ ...speech, SPEECH_URL: `https://h/${secret}?token=${secret}`, SPEECH_KEY: secret }),
      (secret) => ({ RESOLVER_SECRETS: `crm:${secret}` }),
      (secret) => ({ ADMIN_TOKEN: secret, DRACHTIO_SECRET: secret, DRACHTIO_HOST: 'h', HEP_PASSWORD: secret }),
    ]
    let shown = 0
    fc.assert(
      fc.property(password, fc.constantFrom(...urls), fc.constantFrom(...writings), (secret, urlOf, write) => {
        try {
          assertHidden(JSON.stringify(redacted(loadSettings({ env: urlOf(write(secret)) }))), secret)
          shown += 1
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
          assertHidden(error.message, secret)
        }
      }),
      { numRuns: 500 },
    )
    assert.ok(shown > 100)
  })

  it('is masked in a Redis URL that no rule has checked', () => {
    fc.assert(
      fc.property(password, fc.constantFrom('', '/0', '/0?ca=x', '?sentinel_password='), (secret, rest) => {
        const redisUrl = `redis://ann:${secret}@h:1${rest}${rest.endsWith('=') ? secret : ''}`
        assertHidden(redacted({ ...loadSettings({ env: {} }), redisUrl }).redisUrl ?? '', secret)
      }),
    )
    const shown = (redisUrl: string) => redacted({ ...loadSettings({ env: {} }), redisUrl }).redisUrl
    assert.equal(shown('redis://ann:a/b@c:d#e@h:1/0?ca=/x.pem'), 'redis://ann:***@h:1/0?ca=/x.pem')
    assert.equal(shown('redis://h:1/0'), 'redis://h:1/0')
  })

  it('may hold a percent sign that begins no escape', () => {
    assert.equal(parseRedisUrl('redis://:100%@h')?.password, '100%')
    assert.equal(parseRedisUrl('redis://:a%2Fb%40@h')?.password, 'a/b@')
  })

  describe('of a Redis that repeats what it was sent', () => {
    let server: Server
    let dir: string
    beforeEach(async () => {
      dir = mkdtempSync(join(tmpdir(), 'baton-secrets-'))
      server = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.on('data', (data) => {
          const words = data.toString().split('\r\n')
          const args = words.filter((word, at) => at > 0 && !/^[*$]/.test(word) && word !== '')
          // One answer per command.
          for (const command of data.toString().matchAll(/(?:^|\r\n)\*\d+\r\n/g)) {
            socket.write(`-ERR unknown command (${command.index}) ${args.join(' ')}\r\n`)
          }
        })
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
    })
    afterEach(() => {
      server.close()
      rmSync(dir, { recursive: true, force: true })
    })

    const secret = 's3cret-t0ken/@:#'
    const environment = () => ({
      REDIS_URL: `redis://ann:${encodeURIComponent(secret)}@127.0.0.1:${(server.address() as AddressInfo).port}`,
      DATA_DIR: dir,
    })

    it('is in no line of the log, no health and no error', async () => {
      const lines: string[] = []
      const { format } = createLog(loadSettings({ env: {} }).log)
      const note = (message: string, fields: object = {}) => {
        const entry = format.transform({ level: 'warn', [Symbol.for('level')]: 'warn', message, ...fields })
        lines.push(JSON.stringify(entry), String((entry as Record<symbol, unknown>)[Symbol.for('message')]))
      }
      const log = { info: note, warn: note, error: note }
      const routing = await Routing.open({ store: await openStore(loadSettings({ env: environment() }), log), log })
      const problems = JSON.stringify(routing.health())
      await assert.rejects(routing.versions('demo'), (error: Error) => {
        note('request failed', { error })

        return true
      })
      await routing.close()

      assert.match(problems, /unknown command/)
      assert.ok(lines.length > 0)
      assertHidden(`${problems}${lines.join('\n')}`, secret)
    })

    it('is not in the findings of doctor', async () => {
      const findings = JSON.stringify(await machineCheckup({ ...environment(), SIP_LISTEN: 'udp:127.0.0.1:0' }))

      assert.match(findings, /routing tables in Redis/)
      assertHidden(findings, secret)
    })
  })

  it('is not logged with the error of a library that contains it', () => {
    const { format } = createLog(loadSettings({ env: {} }).log)
    const cause = Object.assign(new Error('inner'), { command: { args: ['s3cret-t0ken'] } })
    const error = Object.assign(new Error('WRONGPASS', { cause }), {
      ...{ command: { name: 'auth', args: ['ann', 's3cret-t0ken'] }, input: 'http://ann:s3cret-t0ken@', code: 'E' },
    })
    const entry = format.transform({ level: 'error', [Symbol.for('level')]: 'error', message: 'm', error })
    const line = String((entry as Record<symbol, unknown>)[Symbol.for('message')])

    assert.match(line, /WRONGPASS.*inner/s)
    assertHidden(line, 's3cret-t0ken')
  })

  it('is in no problem of a webhook, whose URL may hold it', async () => {
    const receiver = createHttpServer((_request, response) => response.writeHead(302, { location: '/' }).end())
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const { port } = receiver.address() as AddressInfo
    const post = { secret: 's3cret-t0ken', id: '1', body: '{}', now: 0, signal: new AbortController().signal }
    for (const place of [`127.0.0.1:${port}`, '127.0.0.1:1', 'absent.invalid', '127.0.0.1:6000']) {
      const failure = await postEvent({ ...post, url: `http://${place}/s3cret-t0ken?token=s3cret-t0ken` })
      assert.ok(failure)
      assertHidden(failure.problem, 's3cret-t0ken')
    }
    receiver.close()
  })

  it('is not logged when a client writes a token into the query', async () => {
    const baton = await startApi({ adminToken: 'right' })
    const headers = { authorization: 'Bearer right' }
    const query = '?token=s3cret-t0ken'
    await baton.api.inject({ url: `/v1/calls${query}` })
    await baton.api.inject({ url: `/v1/nothing${query}`, headers })
    const answers = [await baton.api.inject({ method: 'POST', url: `/v1/projects/x/versions${query}`, headers })]
    await baton.close()

    assert.ok(baton.logged.length >= 2)
    assertHidden(JSON.stringify([baton.logged, answers.map(({ body }) => body)]), 's3cret-t0ken')
  })

  it('is not printed by a command that finds no Baton at its URL', async () => {
    const said: string[] = []
    const around = { out: (text: string) => said.push(text), err: (text: string) => said.push(text), env: {} }
    for (const url of ['http://ann:s3cret-t0ken@127.0.0.1:1', 'http://ann:s3cret-t0ken/@absent.invalid']) {
      await run(['calls', '--url', url], around)
    }

    assert.match(said.join(''), /127\.0\.0\.1:1/)
    assertHidden(said.join(''), 's3cret-t0ken')
  })
})
