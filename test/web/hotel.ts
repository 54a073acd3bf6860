import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { Pages } from './browser.ts'

const [embedded] = stacks
export const sandboxNumber = '+14155550199'
const liveNumber = '+14155550100'

/** A Baton with the project of a hotel for each test of a suite, and a browser for all of them. */
export class Hotel {
  readonly pages = new Pages(() => this.baton)
  #baton: Baton | undefined
  #agentPort = 0
  readonly #file: (() => Promise<Record<string, unknown>>) | undefined
  readonly #env: () => Record<string, string>

  private constructor(file: (() => Promise<Record<string, unknown>>) | undefined, env: () => Record<string, string>) {
    this.#file = file
    this.#env = env
  }

  /** Sets the suite up and down; a page that complains on its console fails its test. @param file the configuration */
  static of(
    suite: Mocha.Suite,
    file?: () => Promise<Record<string, unknown>>,
    env: () => Record<string, string> = () => ({}),
  ): Hotel {
    needs('chromium', 'sipp')
    suite.timeout(120_000)
    const hotel = new Hotel(file, env)
    before(() => hotel.pages.launch())
    beforeEach(() => hotel.#open())
    afterEach(async () => {
      await hotel.pages.leave()
      await hotel.baton.stop()
      assert.deepEqual(hotel.pages.takeProblems(), [])
    })
    after(() => hotel.pages.close())

    return hotel
  }

  get baton(): Baton {
    assert.ok(this.#baton)

    return this.#baton
  }

  async #open(): Promise<void> {
    assert.ok(embedded)
    this.#agentPort = await freePort()
    this.#baton = await Baton.start({
      stack: embedded,
      ...(this.#file && { file: await this.#file() }),
      env: this.#env(),
    })
    const agents = [`sip:agent@127.0.0.1:${this.#agentPort}`]
    await this.baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [sandboxNumber], agents }, live: { numbers: [liveNumber], agents } },
      table: {
        handoffs: [
          {
            name: 'front-desk',
            description: 'Reception',
            default: true,
            method: 'invite',
            route: 'sip:desk@127.0.0.1:9',
          },
          { name: 'duty-manager', method: 'invite', route: 'sip:duty@127.0.0.1:9', ring_timeout: 20 },
        ],
      },
    })
  }

  /** A caller, and an agent that asks for the front desk; resolves with the call once its transfer has ended. */
  callTheSandbox(): Promise<CallView> {
    return this.#call(sandboxNumber)
  }

  callLive(): Promise<CallView> {
    return this.#call(liveNumber)
  }

  async #call(number: string): Promise<CallView> {
    const keys = { refer_to: 'sip:front-desk@baton' }
    const agent = await Sipp.answering({
      scenario: 'uas-asks-transfer-released',
      port: this.#agentPort,
      pause: 100,
      keys,
    })
    const caller = await Sipp.calling({ scenario: 'uac-reinvite-bridged', pause: 300 }, number, this.baton.sip())
    const view = await until('the transfer has ended', async () => {
      const { calls } = await this.baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=hotel')

      return calls.find(({ called, transfers }) => called === number && transfers[0]?.state === 'ended') ?? false
    })
    await Promise.all([agent.done, caller.done])

    return view
  }
}

/** Publishes the draft, from any page. */
export async function publish(page: Page, message: string): Promise<void> {
  const draft = page.getByRole('region', { name: 'Draft' })
  await draft.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Message').fill(message)
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await draft.waitFor({ state: 'detached' })
}

/** Promotes the newest version on the page Environments; Live asks for its name. */
export async function promote(page: Page, environment: 'Sandbox' | 'Live'): Promise<void> {
  await page.getByRole('link', { name: 'Environments' }).click()
  await page.getByRole('region', { name: environment }).getByRole('button', { name: 'Promote' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Message').fill('checked')
  if (environment === 'Live') {
    assert.ok(await dialog.getByRole('button', { name: 'Promote' }).isDisabled())
    await dialog.getByLabel('Type live to confirm').fill('live')
  }
  await dialog.getByRole('button', { name: 'Promote' }).click()
  await dialog.waitFor({ state: 'detached' })
}
