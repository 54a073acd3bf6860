import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { until } from '../harness/until.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'
import { addPeople, password, signIn } from './people.ts'

const hourMs = 3_600_000
const clock = new URL('../harness/stepped-clock.mjs', import.meta.url).href

const typeHandoff = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Add handoff' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add handoff' })
  await dialog.getByLabel('Name', { exact: true }).fill('night-desk')
  await dialog.getByLabel('Route / Number').fill('sip:night@127.0.0.1:9')
}
const signInAgain = async (page: Page): Promise<void> => {
  const again = page.getByRole('dialog', { name: 'Sign in to Baton' })
  await again.getByText('Your session has ended. Sign in to go on where you were.').waitFor()
  assert.deepEqual(await accessibilityProblems(page), [])
  await again.getByLabel('Name').fill('ann')
  await again.getByLabel('Password', { exact: true }).fill(password)
  await again.getByRole('button', { name: 'Sign in' }).click()
  await again.waitFor({ state: 'detached' })
}
const addIsKept = async (page: Page): Promise<void> => {
  const dialog = page.getByRole('dialog', { name: 'Add handoff' })
  assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'night-desk')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('article', { name: 'night-desk' }).waitFor()
}

for (const [what, env, stepMs] of [
  ['its lifetime is over', { SESSION_LIFETIME: '3600', SESSION_IDLE: '86400' }, 2 * hourMs],
  ['it was not used for too long', { SESSION_LIFETIME: '86400', SESSION_IDLE: '3600' }, 2 * hourMs],
] as const) {
  describe(`a page whose session ends because ${what}`, function () {
    const hotel = Hotel.of(this, undefined, () => ({
      ...env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${clock}`,
      CLOCK_STEPS: String(stepMs),
    }))
    const opened = async (): Promise<Page> => {
      await hotel.baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
      const page = await hotel.pages.open('/handoffs')
      await signIn(page, 'ann')

      return page
    }
    const endTheSession = async (): Promise<void> => {
      process.kill(hotel.baton.pid, 'SIGUSR2')
      await until('the clock is set', () =>
        hotel.baton.log.some(({ message }) => message.includes('the clock was set')),
      )
    }

    it('asks for a sign-in by itself, and goes on with what is typed', async () => {
      const page = await opened()
      await typeHandoff(page)
      await endTheSession()
      await signInAgain(page)
      await addIsKept(page)
    })

    it('asks for a sign-in at a change, which is sent once the person presses again', async () => {
      const page = await opened()
      await typeHandoff(page)
      // The page does not find out by its event stream.
      await page.route('**/v1/events*', (route) => route.abort())
      await endTheSession()
      await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('dialog', { name: 'Sign in to Baton' }).waitFor()
      await page.unroute('**/v1/events*')
      await signInAgain(page)
      await addIsKept(page)
    })
  })
}

describe('a page whose person gets a lower role', function () {
  const hotel = Hotel.of(this)
  const opened = async (path: string): Promise<[admin: Page, page: Page]> => {
    await hotel.baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
    const admin = await hotel.pages.open('/handoffs')
    await signIn(admin, 'ann')
    await addPeople(admin, { petra: 'admin' })
    const page = await hotel.pages.open(path)
    await signIn(page, 'petra')

    return [admin, page]
  }
  const lower = async (admin: Page, role: string): Promise<void> => {
    await admin.getByRole('link', { name: 'People & tokens' }).click()
    await admin.getByRole('article', { name: 'petra' }).getByRole('button', { name: 'Change role' }).click()
    await admin.getByRole('dialog').getByLabel('Role', { exact: true }).selectOption(role)
    await admin.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await admin.getByRole('dialog').waitFor({ state: 'detached' })
  }

  it('has its buttons say so by themselves, and says why what was open already is refused', async () => {
    const [admin, page] = await opened('/handoffs')
    await typeHandoff(page)
    await lower(admin, 'Viewer')
    const dialog = page.getByRole('dialog', { name: 'Add handoff' })
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await dialog.getByText('This needs the role operator; petra is viewer.').waitFor()
    assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'night-desk')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    const add = page.getByRole('button', { name: 'Add handoff' })
    await until('the button knows', async () => (await add.getAttribute('aria-disabled')) === 'true')
    assert.equal(await add.getAttribute('aria-description'), 'This needs the role Operator.')
    await page.getByRole('link', { name: 'People & tokens' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Account of petra' }).click()
    await page.getByText('petra: Viewer').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
  })

  it('closes the page of people, and masks the numbers of callers', async () => {
    const rehearsal = { environment: 'sandbox', handoff: 'front-desk', destination: 'synthetic' }
    await hotel.baton.api('POST', '/v1/projects/hotel/rehearsals', rehearsal)
    const [admin, page] = await opened('/calls')
    const other = await page.context().newPage()
    await other.goto(`${hotel.baton.http}/p/hotel/people`)
    await other.getByRole('article', { name: 'petra' }).waitFor()
    await page.getByText('+14155550123').first().waitFor()
    await lower(admin, 'Viewer')
    await page.getByText('+*********23').first().waitFor()
    assert.equal(await page.getByText('+14155550123').count(), 0)
    await other.getByText('This needs the role Admin.').waitFor()
    assert.equal(await other.getByRole('article').count(), 0)
  })
})
