import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { Hotel, promote } from './hotel.ts'

describe('the page Environments', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel
  const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
  const environment = async (name: string) => {
    const { environments } = await hotel.baton.api<{
      environments: Record<string, { version?: number; numbers?: string[]; canary?: { percent: number } } | undefined>
    }>('GET', '/v1/projects/hotel')

    return environments[name]
  }
  const publishAnother = async (): Promise<void> => {
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', { ring_timeout: 25 })
    await hotel.baton.api('POST', '/v1/projects/hotel/versions', { message: 'ring for longer' })
  }

  it('edits the settings of an environment as a draft, which a promotion takes', async () => {
    const page = await pages.open('/environments')
    await region(page, 'Sandbox').getByRole('button', { name: 'Edit settings' }).click()
    const dialog = page.getByRole('dialog', { name: 'Settings of Sandbox' })
    await dialog.getByRole('button', { name: 'Add to numbers' }).click()
    await dialog.getByLabel('Numbers 2').fill('not a number')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog
      .getByText(/"not a number"/)
      .first()
      .waitFor()
    await dialog.getByLabel('Numbers 2').fill('+14155550198')
    await dialog.getByRole('button', { name: 'Add to variables' }).click()
    await dialog.getByLabel('Variables: name').fill('region')
    await dialog.getByLabel('Variables: value').fill('west')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await region(page, 'Sandbox').getByText('Variables: region set to west').waitFor()
    assert.deepEqual((await environment('sandbox'))?.numbers, ['+14155550199'])

    await promote(page, 'Sandbox')
    await region(page, 'Sandbox').getByText('Nothing: it is up to date.').waitFor()
    assert.deepEqual((await environment('sandbox'))?.numbers, ['+14155550199', '+14155550198'])
  })

  it('sets up an environment that is not there yet', async () => {
    const page = await pages.open('/environments')
    await region(page, 'Pre-release').getByRole('button', { name: 'Set up' }).click()
    const dialog = page.getByRole('dialog', { name: 'Settings of Pre-release' })
    await dialog.getByRole('button', { name: 'Add to numbers' }).click()
    await dialog.getByLabel('Numbers 1').fill('+14155550150')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await region(page, 'Pre-release').getByText('Nothing runs here yet').waitFor()
    await region(page, 'Pre-release').getByRole('button', { name: 'Promote' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click()
    await region(page, 'Pre-release').getByText('Version 1 (release 1)').waitFor()
  })

  it('refuses a promotion at the gate, and says what is missing', async () => {
    const file = await hotel.baton.api<object>('GET', '/v1/projects/hotel/file')
    await hotel.baton.api('PUT', '/v1/projects/hotel', { ...file, require_rehearsal: ['live'] })
    await publishAnother()
    const page = await pages.open('/environments')
    await region(page, 'Live').getByRole('button', { name: 'Promote' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Ring for at most (seconds) from 30 to 25').waitFor()
    await dialog.getByLabel('Type live to confirm').fill('live')
    await dialog.getByRole('button', { name: 'Promote' }).click()
    await dialog
      .getByRole('alert')
      .getByText(/rehears/)
      .first()
      .waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    assert.equal((await environment('live'))?.version, 1)

    await page.getByRole('link', { name: 'Test' }).click()
    await page.getByLabel('Handoff').selectOption('All handoffs')
    await page.getByLabel('Table').selectOption('Version 2')
    await page.getByRole('button', { name: 'Rehearse' }).click()
    await page.getByRole('status').filter({ hasText: 'Passed' }).waitFor()
    await promote(page, 'Live')
    await region(page, 'Live').getByText('Version 2 (release 2)').waitFor()
  })

  it('tries a version with a share of the calls, shows how it fares, and stops it', async () => {
    await publishAnother()
    const page = await pages.open('/environments')
    await region(page, 'Sandbox').getByRole('button', { name: 'Promote' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Share of the calls (%)').fill('10')
    await dialog.getByRole('button', { name: 'Promote' }).click()
    const canary = region(page, 'Sandbox').getByRole('alert')
    await canary.getByText('Version 2 is tried with 10 % of the calls').waitFor()
    await canary.getByText('Version 2: 0 of 0 transfers succeeded').waitFor()
    await canary.getByText('Version 1: 0 of 0 transfers succeeded').waitFor()
    await canary.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
    await canary.waitFor({ state: 'detached' })
    const { version, canary: left } = (await environment('sandbox')) ?? {}
    assert.deepEqual([version, left], [1, undefined])
  })

  it('compares any two of drafts, versions and releases, in words and side by side', async () => {
    await publishAnother()
    await hotel.baton.api('POST', '/v1/projects/hotel/environments/sandbox/promote', { version: 2 })
    const page = await pages.open('/environments')
    const comparison = region(page, 'Compare')
    await comparison.getByLabel('From').selectOption('Sandbox: release 1 (version 1)')
    await comparison.getByLabel('To').selectOption('Version 2: ring for longer')
    await comparison.getByText('Handoff front-desk: Ring for at most (seconds) from 30 to 25').waitFor()
    await comparison.getByText('Side by side').click()
    await comparison.getByRole('cell', { name: '25' }).waitFor()
    await region(page, 'History').getByText('Promoted version 2 to Sandbox').waitFor()
  })
})
