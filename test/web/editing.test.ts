import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { until } from '../harness/until.ts'
import { Hotel } from './hotel.ts'

describe('what one types on the pages', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel
  const edit = async (page: Page, handoff: string): Promise<void> => {
    await page.getByRole('article', { name: handoff }).getByRole('button', { name: 'Edit' }).click()
  }
  const draft = () => hotel.baton.api<{ handoffs: Record<string, unknown>[] }>('GET', '/v1/projects/hotel/draft')

  it('is checked at its field, as it is typed, and stays', async () => {
    const page = await pages.open('/handoffs')
    await page.getByRole('button', { name: 'Add handoff' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add handoff' })
    const route = dialog.getByLabel('Route / Number')
    await route.fill('not a number')
    await until('the field says what is wrong', async () => (await route.getAttribute('aria-invalid')) === 'true')
    await dialog.getByLabel('Name', { exact: true }).fill('front-desk')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await until('the name is taken', async () => {
      return (await dialog.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')) === 'true'
    })
    assert.equal(await route.inputValue(), 'not a number')
  })

  it('has the help of the project file under Advanced, and is saved from there', async () => {
    const page = await pages.open('/handoffs')
    await edit(page, 'front-desk')
    await page.getByRole('button', { name: 'Advanced' }).click()
    const ring = page.getByLabel('Ring for at most (seconds)')
    await page.getByText('Seconds that a destination may ring, 0.1 to 600.').waitFor()
    await ring.fill('900')
    await until('the field says what is wrong', async () => (await ring.getAttribute('aria-invalid')) === 'true')
    await ring.fill('45')
    await page.getByLabel('Privacy').fill('id')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const [frontDesk] = (await draft()).handoffs
    assert.deepEqual([frontDesk?.ring_timeout, frontDesk?.caller_id], [45, { privacy: 'id' }])
  })

  it('stays when the page is loaded again', async () => {
    const page = await pages.open('/handoffs')
    await edit(page, 'front-desk')
    await page.getByLabel('Description').fill('Half a sen')
    await page.reload()
    assert.equal(await page.getByRole('dialog').getByLabel('Description').inputValue(), 'Half a sen')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.reload()
    await page.getByRole('article', { name: 'front-desk' }).getByText('Reception').waitFor()
    assert.equal(await page.getByRole('dialog').count(), 0)
  })

  it('stays when Baton cannot be reached, and is saved once it can', async () => {
    const page = await pages.open('/handoffs')
    await edit(page, 'front-desk')
    await page.getByLabel('Description').fill('Written on a train')
    await page.context().setOffline(true)
    // The browser tells the page a moment later.
    await page.waitForFunction('!navigator.onLine')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').getByRole('alert').getByText('Baton cannot be reached').waitFor()
    assert.equal(await page.getByLabel('Description').inputValue(), 'Written on a train')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal((await draft()).handoffs[0]?.description, 'Written on a train')
    pages.takeProblems()
  })

  it('is not lost to another person at the same draft: who comes second sees what the first has changed', async () => {
    const [first, second] = await Promise.all([pages.open('/handoffs'), pages.open('/handoffs')])
    for (const page of [first, second]) await edit(page, 'front-desk')
    await first.getByLabel('Route / Number').fill('sip:first@127.0.0.1:9')
    await first.getByRole('button', { name: 'Save' }).click()
    await first.getByRole('dialog').waitFor({ state: 'detached' })
    await second.getByLabel('Description').fill('The second person’s words')
    await second.getByRole('button', { name: 'Save' }).click()
    const alert = second.getByRole('alert').filter({ hasText: 'The draft was changed while you were editing' })
    await alert.getByText('sip:first@127.0.0.1:9').waitFor()
    await alert.getByRole('button', { name: 'Take theirs' }).click()
    await second.getByRole('button', { name: 'Save' }).click()
    await second.getByRole('dialog').waitFor({ state: 'detached' })

    const { handoffs } = await draft()
    assert.equal(handoffs[0]?.route, 'sip:first@127.0.0.1:9')
    assert.equal(handoffs[0].description, 'The second person’s words')
  })

  it('is saved although another person has changed another handoff meanwhile, which shows by itself', async () => {
    const page = await pages.open('/handoffs')
    await edit(page, 'front-desk')
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/duty-manager', { description: 'Until six' })
    await page.getByLabel('Description').fill('By the door')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('article', { name: 'duty-manager' }).getByText('Until six').waitFor()
    const descriptions = (await draft()).handoffs.map(({ description }) => description)
    assert.deepEqual(descriptions, ['By the door', 'Until six'])
  })
})
