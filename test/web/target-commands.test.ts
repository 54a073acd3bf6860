import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import type { CallView } from '../../server/legs/views.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { until } from '../harness/until.ts'
import { Hotel, sandboxNumber } from './hotel.ts'

describe('a command of the page Numbers & trunks', function () {
  const trunk = { name: 'carrier', peers: ['127.0.0.0/8'], refer_memory: 3600 }
  const hotel = Hotel.of(this, () => Promise.resolve({ trunks: [trunk] }))
  const phones: RawPhone[] = []
  let first: RawPhone
  let second: RawPhone
  let desk: RawPhone

  const open = async (): Promise<RawPhone> => {
    const phone = await RawPhone.open(hotel.baton.sip())
    phones.push(phone)

    return phone
  }
  /** A project of the two agents, of which the first is called as long as it can be. */
  const serve = async (settings: object = {}) => {
    await hotel.baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [sandboxNumber], agents: [first.uri, second.uri], ...settings } },
      table: {
        handoffs: [
          {
            name: 'front-desk',
            default: true,
            method: 'refer',
            route: desk.uri,
          },
        ],
      },
    })
  }
  beforeEach(async () => {
    first = await open()
    second = await open()
    desk = await open()
    await serve()
  })
  afterEach(() => {
    for (const phone of phones.splice(0)) phone.close()
  })

  /** A new caller, whom the agent answers. */
  const callTakenBy = async (agent: RawPhone): Promise<RawPhone> => {
    const caller = await open()
    caller.call(sandboxNumber)
    await agent.answer(await agent.invited())
    await caller.answered()

    return caller
  }
  const hangUp = async (caller: RawPhone, agent: RawPhone): Promise<void> => {
    const told = agent.takes('BYE')
    await caller.ask('BYE')
    await told
  }
  const cardOf = (page: Page, { port }: RawPhone): Locator =>
    page.getByRole('article', { name: `udp:127.0.0.1:${port}` })
  const press = (page: Page, command: string, { uri }: RawPhone): Promise<void> =>
    page.getByRole('button', { name: `${command} ${uri}`, exact: true }).click()

  it('takes an agent out of the next call, and puts it back', async () => {
    await hangUp(await callTakenBy(first), first)
    const page = await hotel.pages.open('/trunks')
    await press(page, 'Disable', first)
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await cardOf(page, first).getByText('Disabled', { exact: true }).waitFor()
    await hangUp(await callTakenBy(second), second)
    await press(page, 'Enable', first)
    await cardOf(page, first).getByText('Disabled', { exact: true }).waitFor({ state: 'detached' })
    await hangUp(await callTakenBy(first), first)
  })

  it('drains an agent: its call goes on, the next one is another’s', async () => {
    const page = await hotel.pages.open('/trunks')
    const going = await callTakenBy(first)
    await cardOf(page, first).getByText('1 call now').waitFor()
    await press(page, 'Drain', first)
    await cardOf(page, first).getByText('Draining', { exact: true }).waitFor()
    await hangUp(await callTakenBy(second), second)
    assert.ok((await first.ask('OPTIONS')).startLine.startsWith('SIP/2.0 200 '))
    await hangUp(going, first)
    await cardOf(page, first).getByText('0 calls now').waitFor()
    await press(page, 'Enable', first)
    await cardOf(page, first).getByText('Draining', { exact: true }).waitFor({ state: 'detached' })
    await hangUp(await callTakenBy(first), first)
  })

  it('asks an agent that was down by OPTIONS, and the next call is sent there again', async () => {
    await serve({ probe: { interval: 3600, timeout: 0.5, down_after: 1, up_after: 1 } })
    const page = await hotel.pages.open('/trunks')
    await cardOf(page, first).getByText('Down', { exact: true }).waitFor()
    const unanswered = (await first.next(/^OPTIONS /)).header('Call-ID')
    await press(page, 'Probe', first)
    const probe = await until('the OPTIONS of the button', async () => {
      const options = await first.next(/^OPTIONS /)

      return options.header('Call-ID') !== unanswered && options
    })
    first.respond(probe, '200 OK')
    await cardOf(page, first).getByText('Up', { exact: true }).waitFor()
    await cardOf(page, first)
      .getByText(/answers OPTIONS in/)
      .waitFor()
    await hangUp(await callTakenBy(first), first)
  })

  it('forgets that a trunk refused REFER, and the next transfer is by REFER again', async () => {
    /** Asks for the desk, which is busy, for a caller who refuses REFER. Returns the methods that were tried. */
    const methodsOfTransfer = async ({ isReferred }: { isReferred: boolean }): Promise<string[]> => {
      const caller = await callTakenBy(first)
      const { calls } = await hotel.baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=hotel&state=live')
      const id = calls[0]?.id ?? assert.fail('no live call')
      await hotel.baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk' })
      if (isReferred) caller.respond(await caller.next(/^REFER /), '405 Method Not Allowed')
      desk.respond(await desk.invited(), '486 Busy Here')
      await desk.next(/^ACK /)
      const { attempts } = await until('the transfer has ended', async () => {
        const { transfers } = await hotel.baton.call(id)

        return transfers[0]?.state === 'ended' && transfers[0]
      })
      await hangUp(caller, first)

      return attempts.map(({ method }) => method)
    }
    assert.deepEqual(await methodsOfTransfer({ isReferred: true }), ['refer', 'invite'])
    const page = await hotel.pages.open('/trunks')
    const carrier = page.getByRole('region', { name: 'carrier' })
    const memory = carrier.getByText(/^REFER with 405 Method Not Allowed, remembered until /)
    await memory.waitFor()
    assert.deepEqual(await methodsOfTransfer({ isReferred: false }), ['invite'])
    await carrier.getByRole('button', { name: 'Forget' }).click()
    await memory.waitFor({ state: 'detached' })
    assert.deepEqual(await methodsOfTransfer({ isReferred: true }), ['refer', 'invite'])
  })
})
