import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { RawPhone } from '../harness/raw-call.ts'
import { until } from '../harness/until.ts'
import { Hotel, sandboxNumber } from './hotel.ts'

describe('a button of the pages', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel
  /** Calls the Sandbox, whose agent is not there. */
  const refusedCall = async (): Promise<void> => {
    const caller = await RawPhone.open(hotel.baton.sip())
    caller.call(sandboxNumber)
    const refused = await caller.next(/^SIP\/2\.0 [4-6]/)
    caller.party.ack(refused, sandboxNumber)
    caller.close()
  }

  it('discards a draft: it is the version that was published last again', async () => {
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', { description: 'Moved' })
    await hotel.baton.api('DELETE', '/v1/projects/hotel/draft/handoffs/duty-manager')
    const page = await pages.open('/test')
    const draft = page.getByRole('region', { name: 'Draft' })
    await draft.getByText('2 changes').waitFor()
    await draft.getByRole('button', { name: 'Discard' }).click()
    const dialog = page.getByRole('dialog', { name: 'Discard the draft' })
    await dialog.getByText('Your changes are lost.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await draft.getByRole('button', { name: 'Discard' }).click()
    await dialog.getByRole('button', { name: 'Discard' }).click()
    await draft.waitFor({ state: 'detached' })
    const { table } = await hotel.baton.api<{ table: object }>('GET', '/v1/projects/hotel/versions/1')
    assert.deepEqual(await hotel.baton.api('GET', '/v1/projects/hotel/draft'), table)
  })

  const count = (page: Page, rows: number) =>
    until(`${rows} rows are shown`, async () => (await page.getByRole('row').count()) === rows)

  it('shows more calls, page after page', async () => {
    for (let calls = 0; calls < 51; calls++) await refusedCall()
    const page = await pages.open('/calls')
    await count(page, 1 + 50)
    await page.getByRole('button', { name: 'More' }).click()
    await count(page, 1 + 51)
    await page.getByRole('button', { name: 'More' }).waitFor({ state: 'detached' })
  })

  it('shows more of the history, page after page', async () => {
    for (let at = 0; at < 110; at++) {
      await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', { description: `Number ${at}` })
    }
    const page = await pages.open('/history')
    await page.getByText('to Number 109').waitFor()
    const more = page.getByRole('button', { name: 'Show more' })
    await more.waitFor()
    const first = await page.getByRole('row').count()
    await more.click()
    await page.getByText('Import a project file').waitFor()
    assert.ok((await page.getByRole('row').count()) > first)
    await more.waitFor({ state: 'detached' })
  })
})
