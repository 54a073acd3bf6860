import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { readFileSync } from 'node:fs'
import { TestAuthority } from '../engine/transport/certificates.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { total } from '../harness/metrics.ts'
import { RawParty } from '../harness/raw-party.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'
import { projectFile } from '../routes/fixtures.ts'
import { Terminal } from '../server/cli/terminal.ts'

/** Findings of the machine that runs the tests are not theirs. */
const ofMachine = /disk|open files|receive buffer|time zones/

interface Finding {
  check: string
  state: string
  detail: string
  where?: string
  hint?: string
}

/** A gateway that answers OPTIONS with a clock an hour ahead, an agent that is silent, and a handoff's host that has no socket. */
class Parties {
  readonly gateway: RawParty
  readonly agent: RawParty
  #answered = 0
  #isClosed = false

  private constructor(gateway: RawParty, agent: RawParty) {
    this.gateway = gateway
    this.agent = agent
    void this.#answer()
  }

  static async open(): Promise<Parties> {
    return new Parties(await RawParty.open('127.0.0.1:9'), await RawParty.open('127.0.0.1:9'))
  }

  /** How many OPTIONS the gateway has answered. */
  get answered(): number {
    return this.#answered
  }

  get trunks() {
    const gateways = [`sip:${this.gateway.address}`]
    const us = { number_format: 'national', default_country: 'US' }

    return [{ name: 'carrier', peers: ['127.0.0.0/8'], gateways, ...us }]
  }

  get project() {
    const { environments } = projectFile()
    const live = { ...environments.live, agents: [`sip:agent@${this.agent.address}`] }
    const handoffs = [
      { name: 'mobile', default: true, route: '+14155550111' },
      { name: 'abroad', route: '+442071838750' },
      { name: 'desk', route: `sip:desk@${this.gateway.address};transport=tcp` },
    ]

    return projectFile({ environments: { live }, table: { handoffs } })
  }

  /** What `doctor` is to find wrong, whether a Baton runs or not. */
  get wrong(): [state: string, check: string, detail: RegExp][] {
    const desk = `sip:${this.gateway.address};transport=tcp`

    return [
      ['failed', `agent sip:agent@${this.agent.address}`, /^no answer to OPTIONS, used by demo live$/],
      ['warning', 'clock', /^sip:\S+ is 3600 s ahead of this machine$|^sip:\S+ is 3599 s ahead/],
      ['failed', `handoff sip:desk@${desk.slice(4)}`, /could not be sent|ECONNREFUSED|no connection/],
      ['failed', 'trunk carrier', /^abroad of demo live: \+442071838750 is no national number of US/],
    ]
  }

  close(): void {
    this.#isClosed = true
    this.gateway.close()
    this.agent.close()
  }

  async #answer(): Promise<void> {
    for (;;) {
      const options = await this.gateway.next(/^OPTIONS /).catch(() => undefined)
      if (this.#isClosed) return
      // A busy machine takes more than the ten seconds of `next` until the first comes.
      if (!options) continue
      this.#answered++
      this.gateway.respondTo(options, '200 OK', [`Date: ${new Date(Date.now() + 3_600_000).toUTCString()}`])
    }
  }
}

const wrongIn = (findings: readonly Finding[]) =>
  findings.filter(({ check, state }) => state !== 'ok' && !ofMachine.test(check))

function assertWrong(findings: readonly Finding[], expected: Parties['wrong']): void {
  const wrong = wrongIn(findings)
  for (const [state, check, detail] of expected) {
    const found = wrong.find((one) => one.check === check && detail.test(one.detail))
    assert.equal(found?.state, state, `${check}: ${JSON.stringify(wrong, null, 2)}`)
    assert.ok(found.hint, check)
  }
  assert.equal(wrong.length, expected.length, JSON.stringify(wrong, null, 2))
}

describe('baton doctor, while no Baton runs', () => {
  let parties: Parties
  let terminal: Terminal
  beforeEach(async () => {
    ;[parties, terminal] = [await Parties.open(), await Terminal.open()]
    terminal.env.HTTP_LISTEN = '127.0.0.1:0'
    terminal.env.SIP_LISTEN = 'udp:127.0.0.1:0,tcp:127.0.0.1:0'
  })
  afterEach(async () => {
    parties.close()
    await terminal.close()
  })

  const configured = async (trunks: object[]) => {
    terminal.env.BATON_CONFIG = await terminal.file('baton.yaml', JSON.stringify({ trunks }))
  }
  const doctor = async () => {
    const { code, out, err } = await terminal.baton('doctor', '--json')

    return { code, findings: (JSON.parse(out) as { findings: Finding[] }).findings, err }
  }

  it('asks gateways, agents and handoffs itself, and reads numbers and clocks', async () => {
    await configured(parties.trunks)
    const file = await terminal.file('demo.json', JSON.stringify(parties.project))
    for (const command of [
      ['import', file],
      ['publish', 'demo', '-m', 'first'],
      ['promote', 'demo', '--env', 'live', '--version', '1', '--force', 'a test'],
    ]) {
      const { code: done, err } = await terminal.baton('routes', ...command)
      assert.equal(done, 0, err)
    }
    const { code, findings } = await doctor()
    assert.equal(code, 1)
    assertWrong(findings, parties.wrong)
    assert.equal(parties.answered, 1)
    const gateway = findings.find(({ check }) => check === `gateway sip:${parties.gateway.address}`)
    assert.match(gateway?.detail ?? '', /^200 OK to OPTIONS after \d+ ms$/)
  })

  it('tells that a gateway’s certificate is not trusted', async function () {
    needs('openssl')
    const [ours, theirs] = [new TestAuthority(), new TestAuthority('Another')]
    const { certificate, key } = theirs.issue('gateway', 'IP:127.0.0.1')
    const own = ours.issue('own', 'IP:127.0.0.1')
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      await configured([{ name: 'secure', peers: ['127.0.0.1'], gateways: [`sips:127.0.0.1:${port}`] }])
      Object.assign(terminal.env, {
        SIP_LISTEN: 'tls:127.0.0.1:0',
        SIP_TLS_CERTIFICATES: own.certificate,
        SIP_TLS_KEYS: own.key,
        SIP_TLS_AUTHORITIES: ours.certificate,
      })
      const found = wrongIn((await doctor()).findings).find(({ check }) => check.startsWith('gateway'))
      assert.match(found?.detail ?? '', /self[- ]signed|unable to (verify|get)/)
      assert.equal(found?.where, 'trunks.secure.gateways')
      assert.match(found.hint ?? '', /SIP_TLS_AUTHORITIES/)
    } finally {
      server.close()
      ours.remove()
      theirs.remove()
    }
  })
})

for (const stack of stacks) {
  describe(`baton doctor --url (${stack.name})`, () => {
    it('has that Baton ask its targets, and finds the same', async () => {
      const parties = await Parties.open()
      const terminal = await Terminal.open()
      const baton = await Baton.start({ stack, file: { trunks: parties.trunks } })
      try {
        await baton.project(parties.project, { force: 'a test' })
        const { code, out } = await terminal.baton('doctor', '--url', baton.http, '--json')
        assert.equal(code, 1)
        assertWrong((JSON.parse(out) as { findings: Finding[] }).findings, parties.wrong)
        assert.equal(parties.answered, 1)
        assert.doesNotMatch(
          JSON.stringify(await baton.api('GET', '/v1/history')),
          /doctor/,
          'a check-up changes nothing',
        )
      } finally {
        await baton.stop()
        parties.close()
        await terminal.close()
      }
    })
  })
}

describe('baton doctor --url', () => {
  it('names a dead gateway, an expired certificate and a Redis that is gone, each with what to do', async function () {
    needs('openssl', 'redis-server')
    this.timeout(60_000)
    const [stack] = stacks
    assert.ok(stack)
    const authority = new TestAuthority()
    const { certificate, key } = authority.issue('expired', 'IP:127.0.0.1', -1)
    const silent = await RawParty.open('127.0.0.1:9')
    const redis = await RedisServer.start()
    const gateway = `sip:${silent.address}`
    const trunk = { name: 'carrier', peers: ['127.0.0.0/8'], gateways: [gateway], probe: { interval: 0, timeout: 0.5 } }
    const baton = await Baton.start({
      stack,
      file: { trunks: [trunk] },
      env: {
        REDIS_URL: redis.url,
        SIP_LISTEN: 'udp:127.0.0.1:0,tls:127.0.0.1:0',
        ...{ SIP_TLS_CERTIFICATES: certificate, SIP_TLS_KEYS: key },
      },
    })
    const terminal = await Terminal.open()
    try {
      const table = { handoffs: [{ name: 'mobile', default: true, route: '+14155550111' }] }
      await baton.project(projectFile({ table }))
      await redis.kill()
      await until('Baton has noticed', async () => total(await baton.metrics(), 'baton_degraded') > 0)
      const { code, out } = await terminal.baton('doctor', '--url', baton.http, '--json')
      assert.equal(code, 1)
      const { findings } = JSON.parse(out) as { findings: Finding[] }
      for (const [check, where, detail, hint] of [
        [`gateway ${gateway}`, 'trunks.carrier.gateways', /^no answer to OPTIONS, used by trunk carrier$/, /./],
        [
          'certificate',
          'SIP_TLS_CERTIFICATES',
          /expired\.pem expired on 20\d\d-\d\d-\d\d$/,
          /^Renew it and send SIGHUP/,
        ],
        ['Redis', 'REDIS_URL', /^cannot be reached: ECONNREFUSED/, /^Start Redis, or correct REDIS_URL/],
      ] as const) {
        const found = findings.find((one) => one.check === check && one.state === 'failed')
        assert.ok(found, `${check}: ${JSON.stringify(wrongIn(findings), null, 2)}`)
        assert.equal(found.where, where)
        assert.match(found.detail, detail)
        assert.match(found.hint ?? '', hint)
      }
      const { out: words } = await terminal.baton('doctor', '--url', baton.http)
      assert.match(words, /\[FAIL\] Redis: cannot be reached.*\n {7}REDIS_URL: Start Redis/)
    } finally {
      await baton.stop()
      await redis.stop()
      silent.close()
      authority.remove()
      await terminal.close()
    }
  })

  it('asks that Baton, and looks at nothing of this machine', async () => {
    const [stack] = stacks
    assert.ok(stack)
    const baton = await Baton.start({ stack })
    const terminal = await Terminal.open()
    terminal.env.SIP_LISTEN = 'nonsense'
    const doctor = () => terminal.baton('doctor', '--url', baton.http)
    try {
      const empty = await doctor()
      assert.equal(empty.code, 0, empty.err)
      assert.match(empty.out, /\[ ok \] sip: is well/)
      assert.match(empty.out, /\[warn\] routing tables: there is no project/)

      const table = { handoffs: [{ name: 'mobile', default: true, route: '+14155550111' }] }
      await baton.project(projectFile({ table }))
      const found = await doctor()
      assert.equal(found.code, 1)
      assert.match(found.out, /\[ ok \] demo live: version 1, 1 number, 1 agent/)
      assert.match(found.out, /\[FAIL\] trunk local: mobile of demo live: \+14155550111 is a number/)
      assert.doesNotMatch(found.out, /nonsense|SIP_LISTEN/)
    } finally {
      await baton.stop()
    }
    assert.match((await doctor()).err, /cannot be reached|No Baton is running/)
    await terminal.close()
  })
})
