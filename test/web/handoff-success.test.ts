import assert from 'node:assert/strict'
import { Sipp } from '../harness/sipp.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'

describe('the card of a handoff', function () {
  const hotel = Hotel.of(this)

  it('tells which share of the last hour’s transfers of Live succeeded, and leads to their calls', async () => {
    const desk = await Sipp.answering({ scenario: 'uas-call-answered', calls: 2 })
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', {
      route: `sip:desk@127.0.0.1:${desk.port}`,
    })
    await hotel.baton.api('POST', '/v1/projects/hotel/versions', { message: 'the front desk has moved' })
    for (const environment of ['sandbox', 'live']) {
      await hotel.baton.api('POST', `/v1/projects/hotel/environments/${environment}/promote`, { version: 2 })
    }
    const page = await hotel.pages.open('/handoffs')
    const card = page.getByRole('article', { name: 'front-desk' })
    await card.getByText('No transfer in the last hour').waitFor()

    const succeeded = await hotel.callLive()
    await hotel.callTheSandbox()
    await desk.done
    await page.reload()
    await card.getByText('100 % of 1 transfer succeeded in the last hour').waitFor()
    await page.getByRole('article', { name: 'duty-manager' }).getByText('No transfer in the last hour').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await card.getByRole('link').click()
    await page.getByRole('heading', { level: 2, name: 'Calls' }).waitFor()
    assert.equal(await page.getByLabel('Handoff').inputValue(), 'front-desk')
    const rows = page.getByRole('row')
    await rows.getByText('Succeeded').waitFor()
    assert.equal(await rows.count(), 2)
    assert.equal(await rows.getByRole('link').first().getAttribute('href'), `/p/hotel/calls/${succeeded.id}`)
  })
})
