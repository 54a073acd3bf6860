import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { until } from '../harness/until.ts'
import { publish, Hotel } from './hotel.ts'
import { hasFocus, walkDialog, walkPage } from './keyboard.ts'
import { password, signIn } from './people.ts'

/** The buttons of each page that open a dialog; of several with the same name, the first. */
const openers: Record<string, readonly string[]> = {
  'Live calls': ['Hand over', 'Hang up'],
  Handoffs: [
    ...['Review', 'Discard', 'Publish', 'Add handoff', 'Edit', 'Duplicate', 'Delete'],
    ...['Close now until …', 'Send callers to … until …'],
  ],
  Schedules: ['Add schedule', 'Edit', 'Delete', 'Close now until …', 'Open now until …'],
  Environments: ['Edit settings', 'Promote', 'Roll back', 'Set up'],
  Test: [],
  Calls: [],
  Transfers: [],
  'Numbers & trunks': ['Disable ', 'Reset the calls'],
  History: [],
  'People & tokens': ['Add person', 'Change role', 'Reset password', 'Remove', 'Create token', 'Revoke'],
}

describe('by the keyboard alone, the pages', function () {
  const trunks = [
    { name: 'local', peers: ['127.0.0.0/8'] },
    {
      name: 'carrier',
      peers: ['192.0.2.1'],
      gateways: ['sip:127.0.0.1:9'],
      caps: [{ prefix: '+', calls_per_day: 10 }],
    },
  ]
  const hotel = Hotel.of(this, () => Promise.resolve({ trunks }))
  const { pages } = hotel
  const main = (page: Page) => page.getByRole('main')

  const hangUp = async (page: Page): Promise<void> => {
    await page.getByRole('row').getByRole('button', { name: 'Hang up' }).focus()
    await page.keyboard.press('Enter')
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Hang up' })
    await confirm.focus()
    await page.keyboard.press('Enter')
    await page.getByText('No call is up.').waitFor()
    await hasFocus(main(page))
  }

  it('let each control be reached in order, with a focus that is seen; dialogs give the focus back', async function () {
    this.timeout(240_000)
    const { baton } = hotel
    await baton.api('POST', '/v1/projects/hotel/draft/schedules', { name: 'office', time_zone: 'Europe/London' })
    await baton.api('POST', '/v1/projects/hotel/environments/sandbox/switches', {
      ...{ handoff: 'front-desk', action: 'close', reason: 'the office party' },
    })
    const rehearsal = { environment: 'sandbox', handoff: 'duty-manager', destination: 'synthetic' }
    await baton.api('POST', '/v1/projects/hotel/rehearsals', rehearsal)
    // A call that is up until it is hung up on its page.
    baton.api('POST', '/v1/projects/hotel/rehearsals', { ...rehearsal, talk: 60 }).catch(() => undefined)
    await baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
    const page = await pages.open('/handoffs')
    await signIn(page, 'ann')
    await page.evaluate(`fetch('/v1/tokens', {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ name: 'platform', role: 'agent' }),
    })`)
    for (const [name, dialogs] of Object.entries(openers)) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 2, name }).waitFor()
      assert.equal(await page.title(), `${name} · Baton`)
      await walkPage(page)
      for (const opener of dialogs) await walkDialog(page, main(page).getByRole('button', { name: opener }).first())
      if (name === 'Live calls') await hangUp(page)
    }

    await page.getByRole('navigation').getByRole('link', { name: 'Calls', exact: true }).click()
    await page.getByRole('row').nth(1).getByRole('link').click()
    await page
      .getByRole('region', { name: 'Ladder' })
      .getByRole('button', { name: /^INVITE, / })
      .first()
      .waitFor()
    await walkPage(page)
    await walkDialog(page, page.getByRole('button', { name: /^INVITE, / }).first())
  })

  it('skip to the content, which gets the focus where its control has gone', async () => {
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/duty-manager', { ring_timeout: 30 })
    const page = await pages.open('/handoffs')
    await page.getByRole('article', { name: 'front-desk' }).waitFor()
    await page.keyboard.press('Tab')
    await hasFocus(page.getByRole('link', { name: 'Skip to the content' }))
    await page.keyboard.press('Enter')
    await hasFocus(main(page))
    await page.keyboard.press('Tab')
    await hasFocus(page.getByRole('region', { name: 'Draft' }).getByRole('button', { name: 'Review' }))

    await publish(page, 'rings longer')
    await hasFocus(main(page))
    await page.getByRole('article', { name: 'duty-manager' }).getByRole('button', { name: 'Delete' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name of the handoff').fill('duty-manager')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await hasFocus(main(page))
  })

  /** By Tab, until this control has the focus. */
  const tabTo = async (page: Page, name: string): Promise<void> => {
    const maxStops = 60
    for (let stops = 0; stops < maxStops; stops++) {
      await page.keyboard.press('Tab')
      const label = await page.evaluate<string>(
        '(({ activeElement: one }) => one.labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.textContent)(document)',
      )
      if (label.startsWith(name)) return
    }
    assert.fail(`${name} is not reached by ${maxStops} Tabs`)
  }

  it('try a version with a share of the calls, and stop that', async () => {
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', { ring_timeout: 25 })
    await hotel.baton.api('POST', '/v1/projects/hotel/versions', { message: 'ring for longer' })
    const canary = async () => {
      const { environments } = await hotel.baton.api<{
        environments: Record<string, { canary?: { percent: number } }>
      }>('GET', '/v1/projects/hotel')

      return environments.sandbox?.canary?.percent
    }
    const page = await pages.open('/environments')
    const sandbox = page.getByRole('region', { name: 'Sandbox', exact: true })
    await sandbox.getByRole('button', { name: 'Promote' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, 'Share of the calls')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('10')
    await tabTo(page, 'Promote')
    await page.keyboard.press('Enter')
    const tried = sandbox.getByRole('alert')
    await tried.getByText('Version 2 is tried with 10 % of the calls').waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal(await canary(), 10)
    await walkDialog(page, tried.getByRole('button', { name: 'Stop' }))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, 'Stop')
    await page.keyboard.press('Enter')
    await tried.waitFor({ state: 'detached' })
    assert.equal(await canary(), undefined)
  })

  it('change a password, and sign a person out', async () => {
    await hotel.baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
    const page = await pages.open('/handoffs')
    await signIn(page, 'ann')
    const account = page.getByRole('button', { name: 'Account of ann' })
    const choose = async (choice: string): Promise<void> => {
      await account.focus()
      await page.keyboard.press('Enter')
      await page.locator('[role=menuitem]:first-of-type:focus').waitFor()
      for (let presses = 0; presses < 5; presses++) {
        const chosen = await page.evaluate<string>('document.activeElement.textContent')
        if (chosen === choice) break
        await page.keyboard.press('ArrowDown')
      }
      await page.keyboard.press('Enter')
    }
    await choose('Change password')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await choose('Sign out')
    await page.getByRole('heading', { name: 'Sign in to Baton' }).waitFor()
  })

  it('sign a person in', async () => {
    await hotel.baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
    const page = await pages.open('/handoffs')
    await page.getByRole('heading', { name: 'Sign in to Baton' }).waitFor()
    await until('the page is named', async () => (await page.title()) === 'Sign in · Baton')
    await walkPage(page)
    await page.getByLabel('Name').focus()
    await page.keyboard.type('ann')
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'front-desk' }).waitFor()
  })
})
