import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'
import { addPeople, password, signIn } from './people.ts'

/** What is for everybody who may see the pages. */
const forAll =
  /^(Audio files|Review|Explain|Count rehearsals|Copy |Copied|Close|Menu|Light or dark|Account of |Clear filters|More|Show |INVITE|SIP\/2|ACK|BYE|REFER|NOTIFY|.* → )/
const pagesOfAll = [
  'Handoffs',
  'Schedules',
  'Environments',
  'Test',
  'Live calls',
  'Calls',
  'Transfers',
  'Numbers & trunks',
]

/** What the tests ask of an element; types of the browser are not there. */
interface Button {
  disabled: boolean
  ariaLabel: string | null
  ariaDisabled: string | null
  textContent: string
  getAttribute: (name: string) => string | null
}

describe('the pages, for each role,', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel
  beforeEach(async () => {
    await hotel.baton.api('POST', '/v1/projects/hotel/draft/schedules', { name: 'office', time_zone: 'Europe/London' })
    await hotel.baton.api('POST', '/v1/projects/hotel/environments/sandbox/switches', {
      ...{ handoff: 'front-desk', action: 'close', reason: 'the office party' },
    })
    await hotel.baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
    const page = await pages.open('/handoffs')
    await signIn(page, 'ann')
    await addPeople(page, { vera: 'viewer', olga: 'operator', petra: 'publisher' })
    await page.context().close()
  })

  /** The buttons that are shown, each with the reason for which it does nothing; undefined for one that does something. */
  const buttonsOf = async (shown: Locator): Promise<[name: string, reason: string | undefined][]> =>
    shown
      .getByRole('button')
      .evaluateAll((buttons) =>
        (buttons as unknown as Button[])
          .filter(({ disabled }) => !disabled)
          .map((button) => [
            button.ariaLabel ?? button.textContent,
            button.ariaDisabled === 'true' ? (button.getAttribute('aria-description') ?? '') : undefined,
          ]),
      )
  /** Opens each page of the navigation, and tells of each button what it needs; nothing may be refused meanwhile. */
  const sweep = async (page: Page): Promise<Map<string, string | undefined>> => {
    const found = new Map<string, string | undefined>()
    page.on('response', (response) => {
      assert.notEqual(response.status(), 403, response.url())
    })
    for (const name of [...pagesOfAll, 'History']) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 2, name }).waitFor()
      await page.waitForLoadState('networkidle')
      for (const [button, reason] of await buttonsOf(page.getByRole('main'))) found.set(`${name}: ${button}`, reason)
      assert.deepEqual(await accessibilityProblems(page), [], name)
    }

    return found
  }
  const needing = (found: Map<string, string | undefined>, role: string) =>
    [...found].filter(([, reason]) => reason === `This needs the role ${role}.`).map(([name]) => name)

  it('leave a viewer no control that would be refused: each says which role it needs', async () => {
    const page = await pages.open('/handoffs')
    await signIn(page, 'vera')
    const found = await sweep(page)
    const free = [...found].filter(([, reason]) => reason === undefined).map(([name]) => name.replace(/^.*?: /, ''))
    assert.deepEqual(
      free.filter((name) => !forAll.test(name)),
      [],
    )
    for (const button of [
      ...['Add handoff', 'Edit', 'Duplicate', 'Deactivate', 'Delete', 'Close now until …'].map(
        (one) => `Handoffs: ${one}`,
      ),
      ...['Add schedule', 'Edit', 'Delete', 'Close now until …'].map((one) => `Schedules: ${one}`),
      ...[
        'Handoffs: Discard',
        'Handoffs: Undo: front-desk is closed',
        'Environments: Edit settings',
        'Environments: Set up',
      ],
      ...['Environments: Rehearse all', 'Test: Rehearse'],
    ]) {
      assert.equal(found.get(button), 'This needs the role Operator.', button)
    }
    assert.ok(needing(found, 'Operator').some((name) => name.startsWith('Numbers & trunks: Disable sip:')))
    for (const button of ['Handoffs: Publish', 'Environments: Promote', 'Environments: Roll back']) {
      assert.equal(found.get(button), 'This needs the role Publisher.', button)
    }
    await page.getByRole('link', { name: 'Handoffs' }).click()
    const add = page.getByRole('button', { name: 'Add handoff' })
    // A tooltip comes with the focus of the keyboard.
    await page.keyboard.press('Tab')
    await add.focus()
    await page.getByRole('tooltip', { name: 'This needs the role Operator.' }).waitFor()
    await page.keyboard.press('Enter')
    assert.equal(await page.getByRole('dialog').count(), 0)
    assert.equal(await page.getByRole('link', { name: 'People & tokens' }).count(), 0)
    await page.goto(`${hotel.baton.http}/p/hotel/people`)
    await page.getByText('This needs the role Admin.').waitFor()
  })

  for (const [name, above] of [
    ['olga', ['Publisher']],
    ['petra', []],
    ['ann', []],
  ] as const) {
    it(`let ${name} do what the role includes`, async () => {
      const page = await pages.open('/handoffs')
      await signIn(page, name)
      const found = await sweep(page)
      const reasons = new Set([...found.values()].filter((reason) => reason !== undefined))
      assert.deepEqual(
        [...reasons],
        above.map((role) => `This needs the role ${role}.`),
      )
      const hasPeople = (await page.getByRole('link', { name: 'People & tokens' }).count()) === 1
      assert.equal(hasPeople, name === 'ann')
    })
  }

  it('let a publisher publish what an operator has edited', async () => {
    const [operator, publisher] = [await pages.open('/handoffs'), await pages.open('/handoffs')]
    await signIn(operator, 'olga')
    await signIn(publisher, 'petra')
    await operator.getByRole('article', { name: 'duty-manager' }).getByRole('button', { name: 'Deactivate' }).click()
    await publisher.getByRole('article', { name: 'duty-manager' }).getByText('Not in use').waitFor()
    const draft = publisher.getByRole('region', { name: 'Draft' })
    await draft.getByRole('button', { name: 'Publish' }).click()
    await publisher.getByRole('dialog').getByLabel('Message').fill('off duty')
    await publisher.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
    await operator.getByRole('region', { name: 'Draft' }).waitFor({ state: 'detached' })
    await operator.getByRole('link', { name: 'History' }).click()
    const row = operator.getByRole('row').filter({ hasText: 'Publish version 2' }).first()
    await row.getByText(/^petra/).waitFor()
  })
})
