import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { total } from '../harness/metrics.ts'
import { stacks, type Ground, type Stack } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { Phones } from './restarted-phones.ts'
import { cdrsIn, dialled, projectOf } from './restarted-site.ts'

/** A drachtio server that lives on when Baton does not, and the connection between them, which may be cut. */
class ServerSite {
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-server-'))
  readonly #ground: Ground
  readonly #relay: ReturnType<typeof createServer>
  readonly #sockets = new Set<Socket>()
  readonly #batons = new Set<Baton>()
  readonly #stack: Stack

  static async open(stack: Stack): Promise<ServerSite> {
    const ground = await stack.open()
    const port = Number(ground.env.DRACHTIO_PORT)
    const site = new ServerSite(stack, ground, port)
    site.#relay.listen(0, '127.0.0.1')
    await once(site.#relay, 'listening')

    return site
  }

  private constructor(stack: Stack, ground: Ground, port: number) {
    this.#stack = stack
    this.#ground = ground
    this.#relay = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one)
        one.on('error', () => undefined)
        one.on('close', () => {
          this.#sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
  }

  async start(): Promise<Baton> {
    const { port } = this.#relay.address() as AddressInfo
    const env = { ...this.#ground.env, DRACHTIO_PORT: String(port) }
    const stack: Stack = { ...this.#stack, open: () => Promise.resolve({ env, close: () => Promise.resolve() }) }
    const baton = await Baton.start({ stack, env: { DATA_DIR: this.folder } })
    this.#batons.add(baton)

    return baton
  }

  /** The connection is lost; Baton connects again by itself. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  get cdrs(): CallView[] {
    return cdrsIn(join(this.folder, 'cdr'))
  }

  async close(): Promise<void> {
    for (const baton of this.#batons) await baton.stop()
    this.cut()
    this.#relay.close()
    await this.#ground.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** How the connection is lost, and the Baton that is there afterwards. */
const losses: [string, (site: ServerSite, before: Baton) => Promise<Baton>][] = [
  [
    'kill -9 of Baton',
    async (site, before) => {
      await before.kill()

      return site.start()
    },
  ],
  [
    'the loss of the connection',
    async (site, before) => {
      site.cut()
      await until('the calls have ended', async () => total(await before.metrics(), 'baton_calls_active') === 0)
      await until('it is connected again', async () => (await before.request('GET', '/readyz')).ok)

      return before
    },
  ],
]

for (const stack of stacks.filter(({ name, isOriginal }) => name !== 'embedded' && !isOriginal)) {
  for (const [loss, lose] of losses) {
    describe(`Calls on a drachtio server after ${loss} (${stack.name})`, function () {
      this.timeout(60_000)
      let site: ServerSite

      beforeEach(async () => {
        site = await ServerSite.open(stack)
      })

      afterEach(() => site.close())

      it('end by the server for all parties, each has its CDR, and new calls are taken', async () => {
        const [callers, agents] = [await Crowd.open(), await Crowd.open()]
        try {
          const before = await site.start()
          await before.project(projectOf(agents))
          await callers.call(20, dialled, before.sip())
          await until('all calls are up', async () => total(await before.metrics(), 'baton_calls_active') === 20)
          const after = await lose(site, before)
          await until('all are released', () => callers.released.size + agents.released.size === 40)
          await until('every CDR is written', () => site.cdrs.length === 20)
          const ends = site.cdrs.map(({ result, reason, endedBy, state }) => [result, reason, endedBy, state].join(' '))
          assert.deepEqual(new Set(ends), new Set(['answered connection_lost baton ended']))
          assert.equal(new Set(site.cdrs.map(({ id }) => id)).size, 20)
          for (const { durationSeconds = -1 } of site.cdrs) assert.ok(durationSeconds >= 0 && durationSeconds < 30)
          await callers.call(1, dialled, after.sip())
          assert.deepEqual([callers.answered.size, callers.refused.size], [21, 0])
        } finally {
          callers.close()
          agents.close()
        }
      })

      it('whose REFER was accepted have a transfer that is unknown, and no second CDR after another start', async () => {
        const before = await site.start()
        const phones = await Phones.open(before.sip())
        try {
          const { caller, agent } = phones
          const id = await phones.transferring(before, { method: 'refer', route: 'sip:desk@example.com' })
          caller.respond(await caller.next(/^REFER /), '202 Accepted')
          await until('the REFER is accepted', async () => {
            const { transfers } = await before.call(id)

            return transfers[0]?.attempts[0]?.evidence.some(({ what }) => what.startsWith('202')) ?? false
          })
          const after = await lose(site, before)
          await Promise.all([caller.takes('BYE'), agent.takes('BYE')])
          await until('its CDR is written', () => site.cdrs.length === 1)
          const [cdr] = site.cdrs
          const transfer = cdr?.transfers[0]
          assert.deepEqual(
            [cdr?.id, cdr?.result, cdr?.reason, transfer?.state, transfer?.result, transfer?.reason],
            [id, 'answered', 'connection_lost', 'ended', 'unknown', 'connection_lost'],
          )
          assert.match(transfer?.diagnosis ?? '', /lost the connection to its SIP server/)
          await after.kill()
          await site.start()
          assert.equal(site.cdrs.length, 1)
        } finally {
          phones.close()
        }
      })
    })
  }
}
