import assert from 'node:assert/strict'
import { Crowd } from '../harness/crowd.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel, sandboxNumber } from './hotel.ts'

describe('the caps of a trunk on its page', function () {
  let gateway: Crowd
  let callers: Crowd | undefined
  const hotel = Hotel.of(this, async () => {
    gateway = await Crowd.open()
    const gateways = [gateway.uri.replace('crowd@', '')]
    const caps = [
      { prefix: '+44', calls_per_day: 5 },
      { prefix: '+4470', calls_per_day: 0 },
      { prefix: '+', calls_per_day: 5000 },
    ]

    return {
      trunks: [
        { name: 'local', peers: ['127.0.0.0/8'] },
        { name: 'carrier', peers: ['192.0.2.1'], gateways, caps },
      ],
    }
  })

  after(() => {
    gateway.close()
    callers?.close()
  })

  it('show what is used of the day, fit a small screen in light and dark, and are reset by an operator', async () => {
    await hotel.baton.project({
      project: 'hotel',
      ...{ agent_down: 'abroad', environments: { sandbox: { numbers: [sandboxNumber], agents: [] } } },
      table: {
        handoffs: [{ name: 'abroad', default: true, method: 'invite', route: '+442079460018', trunk: 'carrier' }],
      },
    })
    callers = await Crowd.open()
    await callers.call(4, sandboxNumber, hotel.baton.sip())
    assert.equal(callers.answered.size, 4)

    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const) {
      const page = await hotel.pages.open('/trunks', { viewport: { width, height: 800 }, colorScheme })
      const carrier = page.getByRole('region', { name: 'carrier', exact: true })
      const used = carrier.getByRole('progressbar', { name: '4 of 5 to +44' })
      await used.waitFor()
      assert.equal(await used.getAttribute('aria-valuenow'), '80')
      await carrier.getByRole('progressbar', { name: 'No calls to +4470' }).waitFor()
      await carrier.getByText('0 of 5000 to all other numbers').waitFor()
      await carrier.getByText(/^The day ends on /).waitFor()
      assert.deepEqual(await accessibilityProblems(page), [])
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width)
    }

    const page = await hotel.pages.open('/trunks')
    const carrier = page.getByRole('region', { name: 'carrier', exact: true })
    await carrier.getByRole('button', { name: 'Reset the calls of today of carrier' }).click()
    const dialog = page.getByRole('dialog', { name: 'Reset the calls of today of carrier' })
    assert.deepEqual(await accessibilityProblems(page), [])
    await dialog.getByRole('button', { name: 'Reset' }).click()
    await dialog.waitFor({ state: 'detached' })
    await carrier.getByText('0 of 5 to +44').waitFor()
  })
})
