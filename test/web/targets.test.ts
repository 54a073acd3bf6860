import assert from 'node:assert/strict'
import type { TargetView } from '../../server/targets/index.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { accessibilityProblems, picture } from './browser.ts'
import { Hotel, sandboxNumber } from './hotel.ts'

describe('the pages of targets', function () {
  const hotel = Hotel.of(this)

  it('show an agent that is not there as down, disable and enable it, and a promotion warns of it', async () => {
    const dead = await RawPhone.open(hotel.baton.sip())
    const { uri } = dead
    const agents = { agents: [{ uri, limit: { calls: 30, cps: 5, queue: 20 } }], progress_timeout: 0.5 }
    await hotel.baton.project({
      project: 'hotel',
      environments: {
        sandbox: { numbers: [sandboxNumber], ...agents },
        live: { numbers: ['+14155550100'], ...agents },
      },
      table: { handoffs: [{ name: 'front-desk', default: true, method: 'invite', route: 'sip:desk@127.0.0.1:9' }] },
    })
    const caller = await RawPhone.open(hotel.baton.sip())
    caller.call(sandboxNumber)
    const refused = await caller.next(/^SIP\/2\.0 [4-6]/)
    caller.party.ack(refused, sandboxNumber)
    caller.close()
    dead.close()
    const { targets } = await hotel.baton.api<{ targets: TargetView[] }>('GET', '/v1/targets')
    const { id, state } = targets.find((target) => target.uri === uri) ?? assert.fail('no agent')
    assert.equal(state, 'down')

    const page = await hotel.pages.open('/trunks')
    const agent = page.getByRole('article', { name: id })
    await agent.getByText('Down', { exact: true }).waitFor()
    await agent.getByText(/, since \d\d:\d\d$/).waitFor()
    await agent.getByText('0 calls now').waitFor()
    await agent
      .getByText('Takes 30 calls at once (0 now), 5 new calls a second (0 now); a call waits up to 20 s for room')
      .waitFor()
    await agent.getByText(/^Used by .*hotel sandbox/).waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await picture(page, 'targets')

    await agent.getByRole('button', { name: `Disable ${uri}` }).click()
    const dialog = page.getByRole('dialog', { name: `Disable ${uri}` })
    assert.deepEqual(await accessibilityProblems(page), [])
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await agent.getByText('Disabled', { exact: true }).waitFor()
    await agent.getByText(/^disabled by /).waitFor()
    await agent.getByRole('button', { name: `Enable ${uri}` }).click()
    await agent.getByRole('button', { name: `Drain ${uri}` }).click()
    await agent.getByText('Draining', { exact: true }).waitFor()

    await page.getByRole('link', { name: 'Environments' }).click()
    await page.getByRole('region', { name: 'Live' }).getByRole('button', { name: 'Promote' }).click()
    const promotion = page.getByRole('dialog', { name: 'Promote to Live' })
    const warning = promotion.getByRole('listitem').filter({ hasText: `agent ${uri} is draining since ` })
    await warning.waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await picture(page, 'promote-warns')
    const promoted = await hotel.baton.api<{ warnings: { code: string; detail: string }[] }>(
      'POST',
      '/v1/projects/hotel/environments/live/promote',
      { version: 1 },
    )
    assert.deepEqual(
      promoted.warnings.map(({ code, detail }) => [code, detail.includes(uri)]),
      [['target_down', true]],
    )
  })
})
