import assert from 'node:assert/strict'
import type { TargetView } from '../../server/targets/index.ts'
import { NameServer } from '../harness/name-server.ts'
import { OptionsServer } from '../harness/options-server.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { until } from '../harness/until.ts'
import { Terminal } from '../server/cli/terminal.ts'
import { accessibilityProblems, picture } from './browser.ts'
import { Hotel, sandboxNumber } from './hotel.ts'

/** What the tests ask of an element; types of the browser are not there. */
interface Shown {
  scrollIntoView: (where: object) => void
}

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
    await agent.evaluate((shown) => (shown as unknown as Shown).scrollIntoView({ block: 'center' }))
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

describe('the pages of a target whose name has several addresses', function () {
  let names: NameServer
  let host: OptionsServer
  let ports: number[] = []
  const hotel = Hotel.of(
    this,
    async () => {
      ports = [await freePort(), await freePort()]
      host = await OptionsServer.udp(ports[1] ?? 0)
      names = await NameServer.open({
        '_sip._udp.gw.test': ports.map((port) => ({ type: 'SRV', priority: 1, weight: 1, port, name: 'a.gw.test' })),
        'a.gw.test': [{ type: 'A', address: '127.0.0.1' }],
      })
      const probe = { interval: 0.3, timeout: 0.5, down_after: 1, up_after: 1 }

      return { trunks: [{ name: 'carrier', peers: ['127.0.0.0/8'], gateways: ['sip:gw.test;transport=udp'], probe }] }
    },
    () => names.env,
  )

  after(() => {
    host.close()
    names.close()
  })

  it('show each address with its state, on a small screen too; so does the command line', async () => {
    await until('one is up and one is down', async () => {
      const { targets } = await hotel.baton.api<{ targets: TargetView[] }>('GET', '/v1/targets')
      const [gateway] = targets

      return gateway?.addresses.length === 2 && gateway.addresses.every(({ state }) => state !== 'unknown')
    })
    const page = await hotel.pages.open('/trunks', { viewport: { width: 360, height: 800 }, colorScheme: 'dark' })
    const addresses = page.getByRole('article', { name: 'udp:gw.test' }).getByRole('list', { name: 'Addresses' })
    const [dead, well] = ports.map((port) =>
      addresses.getByRole('listitem').filter({ hasText: `udp:127.0.0.1:${port}` }),
    )
    assert.ok(dead && well)
    await dead.getByText('Down', { exact: true }).waitFor()
    await well.getByText('Up', { exact: true }).waitFor()
    await well.getByText(/^200 OK to OPTIONS, since /).waitFor()
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
    assert.deepEqual(await accessibilityProblems(page), [])
    await addresses.evaluate((shown) => (shown as unknown as Shown).scrollIntoView({ block: 'center' }))
    await picture(page, 'target-addresses')

    const terminal = await Terminal.open()
    const { out } = await terminal.baton('targets', '--url', hotel.baton.http)
    await terminal.close()
    assert.match(out, new RegExp(`^ {2}udp:127\\.0\\.0\\.1:${ports[0]} +down `, 'm'))
    assert.match(out, new RegExp(`^ {2}udp:127\\.0\\.0\\.1:${ports[1]} +up `, 'm'))
  })
})
