import assert from 'node:assert/strict'
import type { TargetView } from '../../server/targets/index.ts'
import { NameServer } from '../harness/name-server.ts'
import { OptionsServer } from '../harness/options-server.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155552671'
const desk = { name: 'desk', default: true, method: 'invite', route: 'sip:127.0.0.1:9' }
const noProbe = { interval: 0, back_off: 60 }
const probe = { interval: 0.2, timeout: 0.3, down_after: 2, up_after: 2 }

/** The SRV records of a service of three servers, by their priority, and their address. */
const zoneOf = (name: string, ports: readonly number[]) => ({
  [`_sip._udp.${name}`]: ports.map(
    (port, at) => ({ type: 'SRV', priority: at, weight: 0, port, name: `a.${name}` }) as const,
  ),
  [`a.${name}`]: [{ type: 'A', address: '127.0.0.1' } as const],
})

for (const stack of stacks) {
  describe(`Addresses of a target (${stack.name})`, () => {
    const ports: number[] = []
    let names: NameServer
    const baton = sharedBaton(async () => {
      while (ports.length < 3) ports.push(await freePort())
      const zone = Object.fromEntries(
        ['silent', 'refusing', 'down'].flatMap((name) => Object.entries(zoneOf(`${name}.test`, ports))),
      )
      names = await NameServer.open(zone)

      return { stack, env: names.env }
    })
    let caller: RawPhone
    let servers: [RawPhone, RawPhone, RawPhone]

    before(function () {
      if (stack.isOriginal) this.skip()
    })

    after(() => {
      names.close()
    })

    beforeEach(async () => {
      const open = (port?: number) => RawPhone.open(baton().sip(), port)
      caller = await open()
      servers = [await open(ports[0]), await open(ports[1]), await open(ports[2])]
    })

    afterEach(() => {
      for (const party of [caller, ...servers]) party.close()
    })

    const serve = (name: string, live: object = {}) =>
      baton().project({
        project: 'addresses',
        environments: {
          live: { numbers: [number], agents: [`sip:raw@${name}.test`], progress_timeout: 0.6, probe: noProbe, ...live },
        },
        table: { handoffs: [desk] },
      })

    const targetOf = async (name: string): Promise<TargetView> => {
      const { targets } = await baton().api<{ targets: TargetView[] }>('GET', '/v1/targets')

      return targets.find(({ id }) => id === `udp:${name}.test`) ?? assert.fail(`no target ${name}`)
    }

    /** The states in the order of the SRV records. */
    const statesOf = async (name: string) => {
      const { state, addresses } = await targetOf(name)
      const stateAt = (at: number) => addresses.find(({ port }) => port === at)?.state

      return [state, ...ports.map(stateAt)]
    }

    const isReleased = async (...parties: RawPhone[]): Promise<void> => {
      const told = Promise.all(parties.map((party) => party.takes('BYE')))
      await caller.ask('BYE')
      await told
      await baton().events.of('call.ended', caller.callId)
    }

    it('the first is silent: the second is called, and the next call does not wait', async () => {
      await serve('silent')
      const [dead, second] = servers
      caller.call(number)
      const unanswered = await dead.invited()
      await second.answer(await second.invited())
      await caller.answered()
      assert.deepEqual(await statesOf('silent'), ['up', 'down', 'up', 'unknown'])
      const { addresses, reason } = await targetOf('silent')
      const down = addresses.find(({ state }) => state === 'down')
      assert.deepEqual(
        [down?.address, down?.port, down?.transport, down?.reason],
        ['127.0.0.1', ports[0], 'udp', 'no response to INVITE'],
      )
      assert.equal(reason, `200 OK; not 127.0.0.1:${ports[0]} (no response to INVITE)`)
      // It wakes up late: its call is no one's.
      dead.respond(unanswered, '200 OK', { body: dead.session })
      await dead.next(/^ACK /)
      await dead.takes('BYE')
      await isReleased(second)

      const from = Date.now()
      caller.call(number)
      await second.answer(await second.invited())
      assert.ok(Date.now() - from < 500)
      await caller.answered()
      await isReleased(second)
      assert.equal((await targetOf('silent')).calls, 0)
    })

    it('one says 503: the next is called; it is down only where it says Retry-After', async () => {
      await serve('refusing')
      const [first, second, third] = servers
      caller.call(number)
      first.respond(await first.invited(), '503 Service Unavailable', { headers: ['Retry-After: 120'] })
      second.respond(await second.invited(), '503 Service Unavailable')
      await third.answer(await third.invited())
      await caller.answered()
      await isReleased(third)
      assert.deepEqual(await statesOf('refusing'), ['up', 'down', 'up', 'up'])
      const { addresses } = await targetOf('refusing')
      const { reason } = addresses.find(({ port }) => port === ports[0]) ?? assert.fail()
      assert.equal(reason, '503 Service Unavailable with Retry-After: 120')
    })

    it('all are down: so is the target, and they are called in their order where nothing else is left', async () => {
      await serve('down', { progress_timeout: 0.3 })
      const refused = async () => {
        caller.call(number)
        for (const server of servers) await server.invited()
        const response = await caller.next(/^SIP\/2\.0 [4-6]/)
        caller.party.ack(response, number)
      }
      await refused()
      assert.deepEqual(await statesOf('down'), ['down', 'down', 'down', 'down'])
      await baton().events.when('target.down of it', ({ type, data }) => {
        const { id, reason } = (data.target ?? {}) as Partial<TargetView>

        return type === 'target.down' && id === 'udp:down.test' && reason === 'no response to INVITE'
      })
      await refused()
      caller.call(number)
      for (const server of servers.slice(0, 2)) await server.invited()
      await servers[2].answer(await servers[2].invited())
      await caller.answered()
      await isReleased(servers[2])
      assert.deepEqual(await statesOf('down'), ['up', 'down', 'down', 'up'])
    })
  })

  describe(`Addresses of a target that are asked by OPTIONS (${stack.name})`, () => {
    const ports: number[] = []
    const hosts: OptionsServer[] = []
    let names: NameServer
    const baton = sharedBaton(async () => {
      while (ports.length < 3) ports.push(await freePort())
      names = await NameServer.open(zoneOf('gw.test', ports))
      const trunk = { name: 'carrier', peers: ['127.0.0.0/8'], gateways: ['sip:gw.test;transport=udp'], probe }

      return { stack, env: names.env, file: { trunks: [trunk] } }
    })

    after(() => {
      names.close()
      for (const host of hosts) host.close()
    })

    it('the target is down when none answers, and up while one does', async () => {
      const become = (...wanted: string[]) =>
        until(`the states are ${wanted.join(', ')}`, async () => {
          const { targets } = await baton().api<{ targets: TargetView[] }>('GET', '/v1/targets')
          const { state, addresses, ...target } = targets[0] ?? assert.fail('no target')
          const stateAt = (port: number) => addresses.find((each) => each.port === port)?.state
          assert.deepEqual([state, ...ports.map(stateAt)], wanted)

          return { addresses, ...target }
        })
      const isUp = async () => (await baton().metrics()).get('baton_target_up{kind="gateway",target="udp:gw.test"}')
      await become('down', 'down', 'down', 'down')
      assert.equal(await isUp(), 0)
      for (const port of ports.slice(1)) hosts.push(await OptionsServer.udp(port))
      const [second, third] = hosts as [OptionsServer, OptionsServer]
      const { rtt = 0, addresses, reason } = await become('up', 'down', 'up', 'up')
      assert.ok(rtt > 0 && rtt < 0.3)
      assert.match(reason, new RegExp(`^200 OK to OPTIONS; not 127\\.0\\.0\\.1:${ports[0]} \\((?:no answer|OPTIONS)`))
      for (const { lastResults } of addresses) assert.equal(lastResults[0]?.from, 'probe')
      assert.equal(await isUp(), 1)
      third.status = ''
      await become('up', 'down', 'up', 'down')
      second.status = '503 Service Unavailable'
      await become('down', 'down', 'down', 'down')
      await baton().events.when('target.down', ({ type }) => type === 'target.down')
      await baton().events.when('target.up', ({ type }) => type === 'target.up')
    })
  })
}
