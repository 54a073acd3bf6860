import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { CallView } from '../../server/legs/views.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel, sandboxNumber } from './hotel.ts'

describe('the page of a call that is up', function () {
  const hotel = Hotel.of(this)
  const phones: RawPhone[] = []
  let caller: RawPhone
  let agent: RawPhone
  let desk: RawPhone

  beforeEach(async () => {
    const open = () => RawPhone.open(hotel.baton.sip())
    ;[caller, agent, desk] = [await open(), await open(), await open()]
    phones.push(caller, agent, desk)
    await hotel.baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [sandboxNumber], agents: [agent.uri] } },
      table: {
        handoffs: [
          { name: 'reception', default: true, method: 'invite', route: 'sip:reception@127.0.0.1:9' },
          { name: 'night-desk', method: 'refer', route: desk.uri },
          { name: 'closed-desk', method: 'refer', route: desk.uri, active: false },
        ],
      },
    })
  })
  afterEach(() => {
    for (const phone of phones.splice(0)) phone.close()
  })

  /** The page of a call that the agent has answered. */
  const openCall = async (): Promise<Page> => {
    caller.call(sandboxNumber)
    await agent.answer(await agent.invited())
    await caller.answered()
    const [call] = await listed('live')
    assert.ok(call)

    return hotel.pages.open(`/p/hotel/calls/${call.id}`, { permissions: ['clipboard-read', 'clipboard-write'] })
  }
  const listed = async (state: string): Promise<CallView[]> =>
    (await hotel.baton.api<{ calls: CallView[] }>('GET', `/v1/calls?project=hotel&state=${state}`)).calls

  it('hands the caller over to the handoff that is chosen, with the reason', async () => {
    const page = await openCall()
    await page.getByRole('button', { name: 'Hand over' }).click()
    const dialog = page.getByRole('dialog', { name: 'Hand over' })
    const choice = dialog.getByLabel('Handoff')
    await choice.locator('option').nth(1).waitFor({ state: 'attached' })
    assert.deepEqual(await choice.locator('option').allTextContents(), ['reception', 'night-desk'])
    assert.equal(await choice.inputValue(), 'reception')
    await choice.selectOption('night-desk')
    await dialog.getByLabel('Reason').fill('asks for the night desk')
    await dialog.getByRole('button', { name: 'Hand over' }).click()
    const refer = await caller.takes('REFER')
    assert.ok(refer.header('Refer-To').includes(desk.uri), refer.header('Refer-To'))
    await dialog.waitFor({ state: 'detached' })
    caller.notify('SIP/2.0 200 OK')
    await Promise.all([agent.released(), caller.released()])
    await page.getByRole('region', { name: 'Evidence' }).getByText('Transfer to night-desk').waitFor()
    await page.getByRole('button', { name: 'Hand over' }).waitFor({ state: 'detached' })
    const [call] = await listed('ended')
    assert.deepEqual(
      call?.transfers.map(({ handoff, result, requestedBy, requestReason }) => [
        handoff,
        result,
        requestedBy,
        requestReason,
      ]),
      [['night-desk', 'succeeded', 'api', 'asks for the night desk']],
    )
  })

  it('goes on where its end is not confirmed, and gives a link to a colleague', async () => {
    const page = await openCall()
    await page.getByRole('button', { name: 'Hang up' }).click()
    const dialog = page.getByRole('dialog', { name: 'Hang up' })
    assert.deepEqual(await accessibilityProblems(page), [])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await page.evaluate<string>('navigator.clipboard.readText()'), page.url())
    assert.equal((await listed('live')).length, 1)
  })

  it('is in the frame of the others, and says so, where the call cannot be had', async () => {
    const page = await hotel.pages.open('/calls/00000000-0000-4000-8000-000000000000')
    await page.getByRole('alert').getByText('There is no call').waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'Live calls' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/p/hotel/calls/00000000-0000-4000-8000-000000000000')
  })
})
