import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { freePort } from '../harness/ports.ts'
import { Sipp } from '../harness/sipp.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'
import { addPeople, password, signIn } from './people.ts'

const number = '+14155550177'

describe('the pages, for a person with another role in a project,', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel
  let admin: Page
  beforeEach(async () => {
    const agentPort = await freePort()
    await hotel.baton.project({
      project: 'spa',
      environments: { sandbox: { numbers: [number], agents: [`sip:agent@127.0.0.1:${agentPort}`] } },
      table: { handoffs: [{ name: 'front-desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
    })
    const agent = await Sipp.answering({ scenario: 'uas-call-answered', port: agentPort })
    const caller = await Sipp.calling({ scenario: 'uac-call-answered', pause: 50 }, number, hotel.baton.sip())
    await Promise.all([agent.done, caller.done])
    await hotel.baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
    admin = await pages.open('/p/hotel/people')
    await signIn(admin, 'ann')
    await addPeople(admin, { olga: 'viewer' })
    await admin.reload()
  })

  const dialogOf = async (name: string) => {
    await admin.getByRole('article', { name }).getByRole('button', { name: 'Change role' }).click()

    return admin.getByRole('dialog', { name: `Role of ${name}` })
  }
  const save = async () => {
    const dialog = admin.getByRole('dialog')
    assert.deepEqual(await accessibilityProblems(admin), [])
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
  }
  const makeOperatorOfSpa = async () => {
    const dialog = await dialogOf('olga')
    await dialog.getByRole('combobox', { name: 'Exceptions' }).click({ force: true })
    await admin.getByRole('listbox').getByRole('option', { name: 'spa' }).click()
    await dialog.getByLabel('Role in spa').selectOption('Operator')
    await save()
    await admin.getByRole('article', { name: 'olga' }).getByText('All projects, spa: Operator').waitFor()
  }

  it('let her edit there alone, and show the numbers of callers there; the menu names the role', async () => {
    await makeOperatorOfSpa()
    const page = await pages.open('/p/spa/handoffs')
    await signIn(page, 'olga')
    const add = page.getByRole('button', { name: 'Add handoff' })
    await add.waitFor()
    assert.equal(await add.getAttribute('aria-disabled'), null)
    const duplicate = page.getByRole('article', { name: 'front-desk' }).getByRole('button', { name: 'Duplicate' })
    await duplicate.click()
    await page.getByRole('dialog').getByRole('textbox').first().fill('night-desk')
    await page.getByRole('dialog').getByRole('button', { name: 'Duplicate' }).click()
    await page.getByRole('region', { name: 'Draft' }).waitFor()
    await page.getByRole('button', { name: 'Account of olga' }).click()
    await page.getByText('olga: Operator').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Calls', exact: true }).click()
    await page
      .getByRole('cell', { name: /\+?\d{6,}/ })
      .first()
      .waitFor()
    assert.equal(await page.getByText(/\*{4}/).count(), 0)

    await page.getByRole('link', { name: 'Handoffs', exact: true }).click()
    await page.getByLabel('Project', { exact: true }).selectOption('hotel')
    const lacking = page.getByRole('button', { name: 'Add handoff', description: 'This needs the role Operator.' })
    await lacking.waitFor()
    await page.getByRole('link', { name: 'Numbers & trunks' }).click()
    await page.getByRole('button', { name: 'Check now', description: 'This needs the role Operator.' }).waitFor()
    await page.getByLabel('Project', { exact: true }).selectOption('spa')
    const everywhere = 'This needs the role Operator in all projects.'
    await page.getByRole('button', { name: 'Check now', description: everywhere }).waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
  })

  it('take the role away with the project', async () => {
    await makeOperatorOfSpa()
    const dialog = await dialogOf('olga')
    await dialog.getByRole('combobox', { name: 'Projects' }).click({ force: true })
    await admin.getByRole('listbox').getByRole('option', { name: 'hotel' }).click()
    await dialog.getByLabel('Role in spa').waitFor({ state: 'detached' })
    await save()
    await admin.getByRole('article', { name: 'olga' }).getByText('hotel', { exact: true }).waitFor()
    const page = await pages.open('/handoffs')
    await signIn(page, 'olga')
    await page.getByLabel('Project', { exact: true }).waitFor()
    assert.deepEqual(await page.getByLabel('Project', { exact: true }).locator('option').allTextContents(), ['hotel'])
  })
})
