import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { TwilioStandIn } from '../harness/twilio-stand-in.ts'
import { accessibilityProblems, bothPictures } from './browser.ts'
import { Hotel } from './hotel.ts'
import { walkDialog } from './keyboard.ts'

describe('the card of Twilio', function () {
  let twilio: TwilioStandIn
  const hotel = Hotel.of(
    this,
    async () => {
      twilio = await TwilioStandIn.start()

      return {}
    },
    () => ({ ...twilio.env, SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') }),
  )
  afterEach(() => {
    twilio.close()
  })

  const card = (page: Page) => page.getByRole('region', { name: 'Twilio' })
  const typeCredentials = async (page: Page) => {
    await card(page).getByRole('button', { name: 'Connect Twilio' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Connect Twilio' })
    await dialog.getByLabel('Account SID').fill(twilio.accountSid)
    await dialog.getByLabel('API key SID').fill('SKkey')
    await dialog.getByLabel('Secret of the key').fill(twilio.secret)

    return dialog
  }

  it('shows the numbers and all that will change, connects, finds drift and corrects it, and disconnects', async () => {
    const office = twilio.addTrunk('of the office')
    twilio.addNumber('+14155550100', { trunk_sid: office })
    const released = twilio.addNumber('+14155550101', { voice_url: 'https://hooks.example.com/v?token=hidden' })
    const page = await hotel.pages.open('/trunks')
    let dialog = await typeCredentials(page)
    assert.deepEqual(await accessibilityProblems(page), [])
    await page.keyboard.press('Enter')
    await dialog.getByText('Goes to the trunk of the office now').waitFor()
    await dialog.getByText('Goes to the webhook https://hooks.example.com now').waitFor()
    await dialog.getByLabel('+14155550100').check()
    await dialog.getByLabel('+14155550101').check()
    await dialog.getByLabel('SIP addresses of Baton').fill('sip:a.example.com\nsip:b.example.com')
    await dialog.getByLabel('Disaster recovery URL').fill('https://example.com/busy.xml')
    assert.deepEqual(await accessibilityProblems(page), [])
    await bothPictures(page, 'twilio-numbers')
    await dialog.getByRole('button', { name: 'Show the plan' }).click()
    const plan = dialog.getByRole('status').getByRole('listitem')
    await plan.filter({ hasText: '+14155550100 to the trunk, instead of to the trunk of the office' }).waitFor()
    assert.deepEqual(await plan.count(), 5)
    assert.deepEqual(twilio.writes, [])
    assert.deepEqual(await accessibilityProblems(page), [])
    await bothPictures(page, 'twilio-plan')
    await dialog.getByRole('button', { name: 'Back' }).click()
    assert.ok(await dialog.getByLabel('+14155550101').isChecked())
    await dialog.getByRole('button', { name: 'Show the plan' }).click()
    await dialog.getByRole('button', { name: 'Connect Twilio' }).click()
    await dialog.waitFor({ state: 'detached' })
    await card(page).getByText('The account is as it was connected.').waitFor()
    assert.equal(twilio.writes.length, 5)

    twilio.collections.get(twilio.numbersPath)?.delete(released)
    Object.assign(twilio.list('/v1/Trunks').at(-1) ?? {}, { transfer_mode: 'disable-all' })
    await card(page).getByRole('button', { name: 'Check again' }).click()
    await card(page).getByText('+14155550101 is released').waitFor()
    await card(page)
      .getByText(/call transfer is switched off/)
      .waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await bothPictures(page, 'twilio')
    await card(page).getByRole('button', { name: 'Correct' }).click()
    await card(page).getByText('The account is as it was connected.').waitFor()

    await card(page).getByRole('button', { name: 'Disconnect' }).click()
    dialog = page.getByRole('dialog', { name: 'Disconnect Twilio' })
    await dialog.getByText('Send calls to +14155550100 to the trunk of the office again').waitFor()
    const disconnect = dialog.getByRole('button', { name: 'Disconnect' })
    assert.ok(await disconnect.isDisabled())
    assert.deepEqual(await accessibilityProblems(page), [])
    await dialog.getByLabel('Type twilio to confirm').fill('twilio')
    await disconnect.click()
    await card(page).getByRole('button', { name: 'Connect Twilio' }).waitFor()
    assert.deepEqual(
      twilio.list('/v1/Trunks').map(({ sid }) => sid),
      [office],
    )

    const history = await hotel.baton.request('GET', '/v1/history').then((answer) => answer.text())
    assert.match(history, /Send calls to \+14155550100 to the trunk/)
    assert.ok(!history.includes(twilio.secret))
    assert.ok(!JSON.stringify(hotel.baton.log).includes(twilio.secret))
  })

  it('is gone through by the keyboard', async () => {
    const page = await hotel.pages.open('/trunks')
    await walkDialog(page, card(page).getByRole('button', { name: 'Connect Twilio' }))
  })

  it('takes over a trunk, and warns of the numbers that are on it', async () => {
    const office = twilio.addTrunk('of the office')
    twilio.addNumber('+14155550100', { trunk_sid: office })
    twilio.addNumber('+14155550199', { trunk_sid: office })
    const page = await hotel.pages.open('/trunks')
    const dialog = await typeCredentials(page)
    await dialog.getByRole('button', { name: 'Show numbers' }).click()
    await dialog.getByLabel('+14155550100').check()
    await dialog.getByLabel('SIP trunk').selectOption({ label: 'Take over of the office' })
    await dialog.getByRole('button', { name: 'Show the plan' }).click()
    await dialog.getByText('call transfer from disable-all to enable-all').waitFor()
    await dialog.getByText('their calls go to Baton, too: +14155550199').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await dialog.getByRole('button', { name: 'Connect Twilio' }).click()
    await card(page).getByText(office).waitFor()
    await card(page).getByText('The account is as it was connected.').waitFor()
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByRole('region', { name: 'Check-up' }).getByText('A2P 10DLC').waitFor()
  })

  it('fits a small screen, and says in the dialog what Twilio refuses', async () => {
    const page = await hotel.pages.open('/trunks', { viewport: { width: 360, height: 800 }, colorScheme: 'dark' })
    const dialog = await typeCredentials(page)
    await dialog.getByLabel('Secret of the key').fill('wr0ng')
    await dialog.getByRole('button', { name: 'Show numbers' }).click()
    await dialog.getByText('Twilio does not accept the account SID with this key and secret.').waitFor()
    await dialog.getByLabel('Secret of the key').fill(twilio.secret)
    await dialog.getByRole('button', { name: 'Show numbers' }).click()
    await dialog.getByText('The account has no number.').waitFor()
    await dialog.getByLabel('Termination domain').fill('acme.pstn.twilio.com')
    await dialog.getByLabel('User name').fill('baton')
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
    assert.deepEqual(await accessibilityProblems(page), [])
  })
})

describe('the card of Twilio without SECRETS_KEY', function () {
  const hotel = Hotel.of(this)

  it('says what SECRETS_KEY is, and how to make one', async () => {
    const page = await hotel.pages.open('/trunks')
    await page.getByRole('region', { name: 'Twilio' }).getByText('openssl rand -base64 32').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
  })
})
