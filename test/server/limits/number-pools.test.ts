import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NumberPools, ownerOf } from '../../../server/limits/number-pools.ts'
import { SharedPools } from '../../../server/limits/pools.ts'
import type { SharedHash } from '../../../server/limits/field-exchange.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const numbers = Array.from({ length: 12 }, (_, at) => `+1415555018${String(at).padStart(2, '0')}`)

describe('The numbers of a pool', () => {
  it('are each for one transfer, in turn, and free again a while after it', () => {
    const clock = new FakeClock()
    const pools = new NumberPools(clock, 'one', false)
    const pool = numbers.slice(0, 3)
    assert.deepEqual(
      [1, 2, 3, 4].map(() => pools.take(pool)),
      [...pool, undefined],
    )
    assert.deepEqual(pools.news().numbers, pool)
    for (const number of [pool[1] ?? '', pool[0] ?? '']) {
      pools.release(number, 60)
      clock.advance(1000)
    }
    assert.equal(pools.take(pool), undefined)
    clock.advance(59_500)
    // The one that has been free for longest.
    assert.equal(pools.take(pool), pool[1])
    assert.equal(pools.take(pool), pool[0])
    assert.equal(pools.take(pool), undefined)
    pools.release('+19995550100', 60)
    assert.deepEqual([...pools.news().numbers].sort(), pool)
  })

  it('are given out by no Baton that does not know of the others, or has not heard of them for four minutes', () => {
    const clock = new FakeClock()
    const pools = new NumberPools(clock, 'one', true)
    assert.equal(pools.take(numbers), undefined)
    // The others may have to tell of themselves again, in a Redis that was emptied.
    for (let hearings = 0; hearings < 5; hearings++) {
      assert.equal(pools.take(numbers), undefined)
      pools.noteOthers(new Map())
    }
    assert.equal(pools.take(numbers), numbers[0])
    clock.advance(240_001)
    assert.equal(pools.take(numbers), undefined)
  })

  it('are spread over the Batons', () => {
    const many = Array.from({ length: 1000 }, (_, at) => `+1415556${String(at).padStart(4, '0')}`)
    const shares = ['a', 'b', 'c'].map((baton) => many.filter((one) => ownerOf(one, ['a', 'b', 'c']) === baton).length)
    assert.ok(
      shares.every((share) => share > 250),
      String(shares),
    )
  })
})

/** A Redis that can be dead, or emptied, or out of reach of one Baton. */
class Store {
  fields = new Map<string, string>()
  isDead = false

  hash(isCut: () => boolean): SharedHash {
    return {
      exchange: (field, value) => {
        if (this.isDead || isCut()) return Promise.reject(new Error('out of reach'))
        const isNew = !this.fields.has(field)
        this.fields.set(field, value)

        return Promise.resolve({ fields: Object.fromEntries(this.fields), isNew })
      },
      remove: (fields) => {
        for (const field of fields) this.fields.delete(field)

        return Promise.resolve()
      },
      close: () => undefined,
    }
  }
}

interface Member {
  pools: NumberPools
  shared: SharedPools
  isCut: boolean
  held: string[]
}

/** Batons of one Redis, on a clock that stands still. */
class Batons {
  readonly store = new Store()
  readonly members = new Map<number, Member>()
  readonly #clock = new FakeClock()
  #started = 0

  async start(by: number): Promise<Member> {
    const id = `baton-${this.#started++}`
    const pools = new NumberPools(this.#clock, id, true)
    const hash = this.store.hash(() => member.isCut)
    const shared = new SharedPools(pools, { id, hash, clock: this.#clock, isNeeded: () => true })
    const member: Member = { pools, shared, isCut: false, held: [] }
    this.members.set(by, member)
    await shared.exchange()

    return member
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      this.#clock.advance(Math.min(left, 250))
      for (let turn = 0; turn < 8; turn++) await Promise.resolve()
    }
  }

  /** A number that no other transfer has. */
  take({ pools, held }: Member): void {
    const number = pools.take(numbers)
    if (number === undefined) return
    const all = [...this.members.values()].flatMap((member) => member.held)
    assert.ok(!all.includes(number), `${number} is reserved twice`)
    held.push(number)
  }

  async close(): Promise<void> {
    for (const { shared } of this.members.values()) await shared.close()
  }
}

type Does = (batons: Batons, by: number) => unknown

const does: Record<string, Does> = {
  take: (batons, by) => {
    const member = batons.members.get(by)
    if (member) batons.take(member)
  },
  release: ({ members }, by) => {
    const { pools, held } = members.get(by) ?? {}
    pools?.release(held?.shift() ?? '', 0)
  },
  start: (batons, by) => (batons.members.has(by) ? undefined : batons.start(by)),
  stop: async ({ members }, by) => {
    await members.get(by)?.shared.close()
    members.delete(by)
  },
  // It says nothing any more, and its transfers are over.
  crash: ({ members }, by) => {
    const member = members.get(by)
    if (member) member.isCut = true
    members.delete(by)
  },
  cut: ({ members }, by) => {
    const member = members.get(by)
    if (member) member.isCut = true
  },
  heal: ({ members }, by) => {
    const member = members.get(by)
    if (member) member.isCut = false
  },
  die: ({ store }) => (store.isDead = true),
  live: ({ store }) => (store.isDead = false),
  // A Baton that cannot reach a Redis that was emptied is unknown to those that start then.
  empty: async (batons) => {
    const { store, members } = batons
    if (store.isDead || [...members.values()].some(({ isCut }) => isCut)) return
    store.fields.clear()
    await batons.pass(250)
  },
  wait: (batons, by) => batons.pass(250 * (1 + by * 3)),
  // No transfer lasts so long.
  waitLong: (batons, by) => {
    for (const { pools, held } of batons.members.values()) for (const number of held.splice(0)) pools.release(number, 0)

    return batons.pass(200_000 * (1 + by))
  },
}
const step = fc.tuple(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('take', 'wait') },
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(does)) },
  ),
  fc.nat(2),
)

describe('The numbers of a pool that several Batons share', () => {
  it('are reserved by one transfer at a time, whatever Batons come and go and however Redis fares', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (plan) => {
        const batons = new Batons()
        await batons.start(0)
        for (const [what, by] of plan) await does[what]?.(batons, by)
        await batons.close()
      }),
      { numRuns: 100 },
    )
  }).timeout(30_000)

  it('of a Baton that has stopped are the others’ within seconds; of one that was killed, after ten minutes', async () => {
    const batons = new Batons()
    /** How many it can give out. */
    const all = ({ pools }: Member): number => {
      const taken: string[] = []
      for (let number = pools.take(numbers); number !== undefined; number = pools.take(numbers)) taken.push(number)
      for (const number of taken) pools.release(number, 0)

      return taken.length
    }
    const one = await batons.start(1)
    await batons.pass(1000)
    assert.equal(all(one), 12)
    const two = await batons.start(2)
    await batons.pass(2000)
    assert.equal(all(one) + all(two), 12)
    assert.ok(all(two) > 0)
    await two.shared.close()
    await batons.pass(2000)
    assert.equal(all(one), 12)

    const three = await batons.start(3)
    await batons.pass(2000)
    assert.ok(all(three) > 0)
    three.isCut = true
    await batons.pass(590_000)
    assert.ok(all(one) < 12)
    await batons.pass(15_000)
    assert.equal(all(one), 12)
    await batons.close()
  })
})
