import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { loadSettings } from '../../../config/index.ts'
import { silentLog } from '../../../routes/store/store.ts'
import { Probes } from '../../../server/targets/probes.ts'
import { SharedTargets } from '../../../server/targets/shared-targets.ts'
import {
  type TargetPeers,
  openTargetStores,
  noneTakenOut,
  readTakenOut,
  withTakenOut,
} from '../../../server/targets/target-peers.ts'
import { Targets } from '../../../server/targets/targets.ts'
import { noProbe, usualProbe } from '../../../base/probe.ts'
import type { SipResponse } from '../../../server/sip/stack.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const noop = (): void => undefined
const interval = 30
const uri = 'sip:192.0.2.1:5060'
const id = 'udp:192.0.2.1:5060'

/** What a Redis does for Batons, by a clock that the test moves. */
class FakePeers {
  isAway = false
  readonly #clock: FakeClock
  readonly #leases = new Map<string, number>()
  readonly #kept = new Map<string, string>()
  readonly #heard = new Set<(text: string) => void>()

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  /** Those of one Baton. */
  connect(): TargetPeers {
    let own: ((text: string) => void) | undefined

    return {
      lease: (target, ms) => {
        if (this.isAway) return Promise.reject(new Error('no connection'))
        const isFree = (this.#leases.get(target) ?? 0) <= this.#clock.now()
        if (isFree) this.#leases.set(target, this.#clock.now() + ms)

        return Promise.resolve(isFree)
      },
      tell: (target, text) => {
        if (this.isAway) return
        this.#kept.set(target, text)
        for (const heard of this.#heard) heard(text)
      },
      kept: (ids) => Promise.resolve(ids.map((each) => this.#kept.get(each) ?? null)),
      follow: (heard, connected) => {
        own = heard
        this.#heard.add(heard)
        connected()
      },
      close: () => {
        if (own) this.#heard.delete(own)
      },
    }
  }
}

describe('targets that Batons share', () => {
  let clock: FakeClock
  let redis: FakePeers
  let asked: string[]
  let isWell: boolean

  beforeEach(() => {
    clock = new FakeClock()
    redis = new FakePeers(clock)
    asked = []
    isWell = true
  })

  const baton = (name: string, random = 0.5) => {
    const peers = redis.connect()
    const answer = (): SipResponse =>
      ({ status: isWell ? 200 : 408, reason: 'OK', local: !isWell, header: () => undefined }) as unknown as SipResponse
    const probes = new Probes({
      stack: {
        request: () => {
          asked.push(name)

          return Promise.resolve(answer())
        },
        resolve: () => Promise.resolve([]),
      },
      ...{ clock, usualInterval: interval, random: () => random },
      mayAsk: (target, leaseMs) => shared.mayProbe(target, leaseMs),
      asked: (target, results, intervalMs) => {
        shared.tellProbe(target, results, intervalMs)
      },
    })
    const targets = new Targets({
      clock,
      listener: {
        changed: noop,
        learned: (target, address, lesson) => {
          shared.tell(target, address, lesson)
        },
        added: (target) => {
          shared.added(target)
        },
        used: (target) => {
          probes.watch(target)
        },
        gone: (target) => {
          probes.forget(target)
        },
      },
    })
    const shared = new SharedTargets({
      ...{ peers, find: (each: string) => targets.get(each), all: () => targets.all },
      probed: (target) => {
        probes.postpone(target)
      },
    })
    targets.setUses('trunks', [{ kind: 'gateway', uri, usedBy: 'trunk carrier', probe: usualProbe }])
    shared.start()
    const stop = (): void => {
      targets.close()
      shared.close()
    }

    const target = () => targets.get(id) ?? assert.fail('no target')

    return { targets, stop, target, address: () => target().addresses[0] ?? assert.fail('no address') }
  }

  const pass = async (seconds: number): Promise<void> => {
    for (let passed = 0; passed < seconds; passed++) {
      clock.advance(1000)
      await turn()
    }
  }

  it('are asked once in an interval by one of three, and by another one once that one has gone', async () => {
    const batons = { a: baton('a', 0.1), b: baton('b', 0.5), c: baton('c', 0.9) }
    await pass(10 * interval)
    assert.ok(asked.length >= 9 && asked.length <= 11, asked.join(''))
    assert.equal(new Set(asked).size, 1, asked.join(''))
    for (const { target } of Object.values(batons)) assert.equal(target().state, 'up')
    batons[asked[0] as 'a'].stop()
    asked = []
    await pass(1.5 * interval)
    assert.ok(asked.length > 0)
    for (const { stop } of Object.values(batons)) stop()
    assert.equal(clock.size, 0)
  })

  it('are asked by each while Redis is away, and agree about what is down', async () => {
    const [one, other] = [baton('a', 0.1), baton('b', 0.9)]
    redis.isAway = true
    await pass(3 * interval)
    assert.deepEqual([...new Set(asked)].sort(), ['a', 'b'])
    redis.isAway = false
    isWell = false
    await pass(5 * interval)
    for (const { target, stop } of [one, other]) {
      assert.deepEqual([target().state, target().reason], ['down', 'no answer to OPTIONS'])
      stop()
    }
  })

  it('that a call finds silent are down on all, for as long as Retry-After says, and up once a call is answered', () => {
    const [one, other] = [baton('a'), baton('b')]
    one.address().noteFailure('503 Service Unavailable with Retry-After: 120', 120_000)
    assert.deepEqual([other.target().state, other.target().results[0]?.from], ['down', 'call'])
    clock.advance(119_000)
    assert.equal(other.target().state, 'down')
    other.address().noteAnswer('200 OK')
    assert.equal(one.target().state, 'up')
    for (const { stop } of [one, other]) stop()
  })

  it('whose name has several addresses are told of by address, also to a Baton that starts', async () => {
    const [first, second] = ['192.0.2.1', '192.0.2.2'].map(
      (address) => ({ transport: 'udp', address, port: 5060 }) as const,
    )
    const named = [{ kind: 'gateway', uri: 'sip:gw.test', usedBy: 'trunk carrier', probe: noProbe }] as const
    const open = (name: string) => {
      const { targets, stop } = baton(name)
      targets.setUses('project demo', named)

      return { stop, target: targets.get('udp:gw.test') ?? assert.fail() }
    }
    const [one, other] = [open('a'), open('b')]
    for (const { target } of [one, other]) target.resolved([first!, second!])
    one.target.addressAt(first!)?.noteFailure('no response to INVITE')
    one.target.addressAt(second!)?.noteAnswer('486 Busy Here')
    const late = open('c')
    await turn()
    for (const { target } of [other, late]) {
      assert.deepEqual(
        target.addresses.map(({ text, state }) => `${text} ${state}`),
        ['192.0.2.1:5060 down', '192.0.2.2:5060 up'],
      )
    }
    for (const { stop } of [one, other, late]) stop()
    assert.equal(clock.size, 0)
  })

  it('are known to a Baton that starts, also where calls have found down what answers OPTIONS', async () => {
    const one = baton('a')
    one.address().noteFailure('no response to INVITE')
    const second = baton('b')
    await turn()
    assert.deepEqual([second.target().state, second.target().reason], ['down', 'no response to INVITE'])
    await pass(8)
    one.address().noteFailure('no response to INVITE')
    await pass(interval)
    for (const { stop } of [one, second]) stop()
  })
})

describe('what operators have taken out', () => {
  const taken = { state: 'disabled', reason: 'disabled by ann', at: '2026-11-28T12:00:00.000Z' } as const
  const isNamed = (each: string): boolean => each.startsWith('udp:')

  it('is set, replaced and removed by target', () => {
    const one = withTakenOut(noneTakenOut, id, taken, isNamed)
    assert.deepEqual(readTakenOut(JSON.stringify(one)), { schema: 1, targets: { [id]: taken } })
    const drained = withTakenOut(one, id, { ...taken, state: 'draining' }, isNamed)
    assert.equal(drained.targets[id]?.state, 'draining')
    assert.deepEqual(withTakenOut(drained, id, undefined, isNamed), noneTakenOut)
    assert.equal(withTakenOut(noneTakenOut, id, undefined, isNamed), noneTakenOut)
    assert.deepEqual([readTakenOut('{}'), readTakenOut('no')], [undefined, undefined])
  })

  it('is bounded: what no configuration names goes first', () => {
    let stored = noneTakenOut
    for (let i = 0; i < 1001; i++) stored = withTakenOut(stored, `${i < 600 ? 'tcp' : 'udp'}:h${i}`, taken, isNamed)
    assert.equal(Object.keys(stored.targets).length, 401)
  })

  it('outlives a restart without Redis, in a file under DATA_DIR', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'baton-targets-'))
    const open = () => openTargetStores(loadSettings({ env: { DATA_DIR: dir } }), silentLog)
    const before = await open()
    await before.takenOut.change((stored) => withTakenOut(stored, id, taken, isNamed))
    before.close()
    const after = await open()
    assert.deepEqual(after.takenOut.now?.targets, { [id]: taken })
    assert.equal(after.peers, undefined)
    after.close()
    await rm(dir, { recursive: true })
  })
})
