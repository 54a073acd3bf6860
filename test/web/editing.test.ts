import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { until } from '../harness/until.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'

/** The browser tells the page a moment later. */
async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true)
  await until('the page is offline', () => page.evaluate<boolean>('!navigator.onLine'))
}

async function goOnline(page: Page): Promise<void> {
  await page.context().setOffline(false)
  await until('the page reaches Baton', () =>
    page.evaluate<boolean>('fetch("/livez").then(({ ok }) => ok, () => false)'),
  )
}

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
    await goOffline(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').getByRole('alert').getByText('Baton cannot be reached').waitFor()
    assert.equal(await page.getByLabel('Description').inputValue(), 'Written on a train')
    await goOnline(page)
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
    await alert.getByText('sip:first@127.0.0.1:9').first().waitFor()
    // The second person has not touched the route: saving keeps the first person's, and there is nothing to choose.
    await alert.getByText('Taken').waitFor()
    assert.equal(await alert.getByRole('button', { name: 'Take theirs' }).count(), 0)
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

  it('of settings stays over a reload, and each field that another person has changed can be taken over', async () => {
    const page = await pages.open('/environments')
    const sandbox = page.getByRole('region', { name: 'Sandbox' })
    await sandbox.getByRole('button', { name: 'Edit settings' }).click()
    const dialog = page.getByRole('dialog', { name: 'Settings of Sandbox' })
    await dialog.getByRole('button', { name: 'Add to variables' }).click()
    await dialog.getByLabel('Variables: name').fill('region')
    await dialog.getByLabel('Variables: value').fill('west')
    await page.reload()
    assert.equal(await dialog.getByLabel('Variables: value').inputValue(), 'west')
    const path = '/v1/projects/hotel/environments/sandbox/draft'
    const settings = await hotel.baton.api<object>('GET', path)
    await hotel.baton.api('PUT', path, { ...settings, variables: { region: 'east' } })
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('The draft was changed while you were editing').waitFor()
    await dialog.getByRole('button', { name: 'Take theirs' }).click()
    assert.equal(await dialog.getByLabel('Variables: value').inputValue(), 'east')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
  })
})

describe('what one types into a schedule', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel
  const schedules = async () =>
    (await hotel.baton.api<{ schedules: Record<string, unknown>[] }>('GET', '/v1/projects/hotel/draft')).schedules
  const week = { mon: ['09:00-17:00'] }
  beforeEach(() =>
    hotel.baton.api('POST', '/v1/projects/hotel/draft/schedules', {
      ...{ name: 'office', time_zone: 'Europe/London', weekly: week, holidays: [{ date: '2030-12-25' }] },
    }),
  )
  const edit = async (): Promise<Page> => {
    const page = await pages.open('/schedules')
    await page.getByRole('article', { name: 'office' }).getByRole('button', { name: 'Edit' }).click()

    return page
  }

  it('stays when the page is loaded again and when Baton cannot be reached, and is saved once it can', async () => {
    const page = await edit()
    const dialog = page.getByRole('dialog', { name: 'Edit schedule' })
    await dialog.getByLabel('Monday').fill('10:00-16:00')
    await dialog.getByRole('button', { name: 'Add holiday' }).click()
    await dialog.getByLabel('Date').nth(1).fill('2031-01-01')
    await page.reload()
    await dialog.getByRole('button', { name: 'Add holiday' }).click()
    await dialog.getByLabel('Date').nth(2).fill('*-05-01')
    assert.equal(await dialog.getByLabel('Date').nth(1).inputValue(), '2031-01-01')
    await goOffline(page)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('alert').getByText('Baton cannot be reached').waitFor()
    await goOnline(page)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    const [office] = await schedules()
    assert.deepEqual(office?.weekly, { mon: ['10:00-16:00'] })
    assert.deepEqual(office.holidays, [{ date: '2030-12-25' }, { date: '2031-01-01' }, { date: '*-05-01' }])
    await page.reload()
    await page.getByRole('article', { name: 'office' }).waitFor()
    assert.equal(await page.getByRole('dialog').count(), 0)
    pages.takeProblems()
  })

  it('is not lost to another person: each field that the first has changed can be taken over', async () => {
    const [first, second] = [await edit(), await edit()]
    await first.getByLabel('Monday').fill('08:00-12:00')
    await first.getByRole('button', { name: 'Remove holiday' }).click()
    await first.getByRole('button', { name: 'Save' }).click()
    await first.getByRole('dialog').waitFor({ state: 'detached' })
    await second.getByLabel('Description').fill('The second person’s words')
    await second.getByLabel('Tuesday').fill('09:00-17:00')
    await second.getByRole('button', { name: 'Save' }).click()
    const alert = second.getByRole('alert').filter({ hasText: 'The draft was changed while you were editing' })
    await alert.getByText('Monday: 08:00-12:00').waitFor()
    assert.deepEqual(await accessibilityProblems(second), [])
    await alert.getByRole('button', { name: 'Take theirs' }).first().click()
    assert.equal(await second.getByLabel('Monday').inputValue(), '08:00-12:00')
    await second.getByRole('button', { name: 'Save' }).click()
    await second.getByRole('dialog').waitFor({ state: 'detached' })

    const [office] = await schedules()
    assert.equal(office?.description, 'The second person’s words')
    assert.deepEqual(office.weekly, { mon: ['08:00-12:00'] })
    // The second person has not touched the holidays, so the one that the first removed does not come back.
    assert.deepEqual(office.holidays ?? [], [])
  })

  it('is saved although another person has changed a handoff meanwhile, and added again when it was deleted', async () => {
    const page = await edit()
    await page.getByLabel('Description').fill('Office hours')
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/duty-manager', { description: 'Until six' })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('article', { name: 'office' }).getByText('Office hours').waitFor()

    await page.getByRole('article', { name: 'office' }).getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Description').fill('Once more')
    await hotel.baton.api('DELETE', '/v1/projects/hotel/draft/schedules/office')
    await page.getByText('It was deleted. Save to add it again, or cancel.').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal((await schedules())[0]?.description, 'Once more')
  })
})
