import assert from 'node:assert/strict'
import type { TargetView } from '../../server/targets/index.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const number = '+14155552691'
/** The first back-off, in seconds. */
const backOff = 1

for (const stack of stacks) {
  describe(`Each state of a target (${stack.name})`, () => {
    const baton = sharedBaton({ stack })
    let caller: RawPhone
    let flapping: RawPhone
    let spare: RawPhone

    before(async function () {
      // It keeps each 100 to itself (docs/drachtio.md).
      if (stack.isOriginal) this.skip()
      const open = () => RawPhone.open(baton().sip())
      ;[caller, flapping, spare] = [await open(), await open(), await open()]
      const live = { numbers: [number], agents: [flapping.uri, spare.uri], progress_timeout: 0.5 }
      await baton().project({
        project: 'states',
        environments: { live: { ...live, probe: { interval: 0, back_off: backOff } } },
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: 'sip:127.0.0.1:9' }] },
      })
    })

    after(() => {
      for (const party of [caller, flapping, spare]) party.close()
    })

    const id = () => `udp:${flapping.party.address}`
    const command = (name: string) => baton().api('POST', `/v1/targets/${encodeURIComponent(id())}/${name}`, {})
    /** The events of the flapping target, in order. */
    const told = () =>
      baton()
        .events.seen.filter(({ data }) => (data.target as TargetView | undefined)?.id === id())
        .map(({ type }) => type)

    /** Waits until the API shows the state; the metric then says the same. */
    const is = async (state: string, up: number | undefined): Promise<TargetView> => {
      const found = await until(`it is ${state}`, async () => {
        const { targets } = await baton().api<{ targets: TargetView[] }>('GET', '/v1/targets')
        const target = targets.find((each) => each.id === id())

        return target?.state === state && target
      })
      assert.deepEqual(
        found.addresses.map((address) => address.state),
        [state === 'disabled' || state === 'draining' ? 'unknown' : state],
      )
      const samples = await baton().metrics()
      assert.equal(samples.get(`baton_target_up{kind="agent",target="${id()}"}`), up, state)

      return found
    }

    const isReleasedBy = async (party: RawPhone): Promise<void> => {
      await caller.answered()
      const byeTaken = party.takes('BYE')
      await caller.ask('BYE')
      await byeTaken
      await baton().events.of('call.ended', caller.callId)
    }

    /** The spare one takes the call. @param isCalled whether the flapping one is called before, and is silent */
    const passesToSpare = async ({ isCalled }: { isCalled: boolean }): Promise<void> => {
      caller.call(number)
      if (isCalled) await flapping.invited()
      await spare.answer(await spare.invited())
      await isReleasedBy(spare)
    }

    const takesCall = async (): Promise<void> => {
      caller.call(number)
      await flapping.answer(await flapping.invited())
      await isReleasedBy(flapping)
    }

    it('a flapping one is left alone longer each time; the API, the metric and the events show each change', async () => {
      await is('unknown', undefined)
      await takesCall()
      await is('up', 1)
      await passesToSpare({ isCalled: true })
      const first = await is('down', 0)
      assert.equal(first.reason, 'no response to INVITE')
      await passesToSpare({ isCalled: false })
      const tried = await is('half_open', 0)
      assert.equal(tried.reason, 'no response to INVITE; the next call tries it')
      await takesCall()
      await is('up', 1)
      assert.deepEqual(told(), ['target.down', 'target.up'])

      await passesToSpare({ isCalled: true })
      const second = await is('down', 0)
      const { since } = await is('half_open', 0)
      const waited = Date.parse(since) - Date.parse(second.since)
      assert.ok(waited >= 2 * backOff * 1000 - 50, `${waited} ms`)
      // The trial fails: it is down still, which is no news.
      await passesToSpare({ isCalled: true })
      await is('down', 0)
      assert.deepEqual(told(), ['target.down', 'target.up', 'target.down'])
    })

    it('503 with Retry-After is honoured, and a trial call follows', async () => {
      await command('disable')
      await is('disabled', undefined)
      await command('drain')
      await is('draining', undefined)
      const asked = flapping.takes('OPTIONS')
      await command('enable')
      await asked
      await is('up', 1)
      caller.call(number)
      flapping.respond(await flapping.invited(), '503 Service Unavailable', { headers: ['Retry-After: 3'] })
      await spare.answer(await spare.invited())
      await isReleasedBy(spare)
      const { reason, since } = await is('down', 0)
      assert.equal(reason, '503 Service Unavailable with Retry-After: 3')
      await passesToSpare({ isCalled: false })
      const tried = await is('half_open', 0)
      assert.ok(Date.parse(tried.since) - Date.parse(since) >= 2950)
      await takesCall()
      await is('up', 1)
    })
  })
}
