import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { Pages } from './browser.ts'

const [embedded] = stacks
const sandboxNumber = '+14155550199'

describe('the demo, as npm start serves it', function () {
  this.timeout(120_000)
  needs('chromium')
  let baton: Baton
  let caller: RawPhone
  const folder = mkdtempSync(join(tmpdir(), 'baton-demo-'))
  const pages = new Pages(() => baton)

  before(async () => {
    assert.ok(embedded)
    let project = readFileSync('config/projects/demo.yaml', 'utf8')
    // Its own ports are taken where another Baton shows the demo.
    for (const port of ['5090', '5091', '5092', '5093']) {
      project = project.replaceAll(`:${port}`, `:${await freePort()}`)
    }
    const file = join(folder, 'demo.yaml')
    writeFileSync(file, project)
    baton = await Baton.start({ stack: embedded, env: { PROJECTS: file, STAND_INS: 'on' } })
    caller = await RawPhone.open(baton.sip())
    await pages.launch()
  })
  after(async () => {
    await pages.close()
    caller.close()
    await baton.stop()
    rmSync(folder, { recursive: true, force: true })
    assert.deepEqual(pages.takeProblems(), [])
  })

  const goTo = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { level: 2, name }).waitFor()
  }
  const rowOf = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })

  it('has something to show on each page: a call, and what became of it', async () => {
    const page = await pages.open('/')
    for (const name of ['front-desk', 'duty-manager']) await page.getByRole('article', { name }).waitFor()
    await goTo(page, 'Environments')
    for (const name of ['Sandbox', 'Live']) {
      await page.getByRole('region', { name, exact: true }).getByText('Version 1 (release 1)').waitFor()
    }
    await goTo(page, 'Test')
    await page.getByText(sandboxNumber).first().waitFor()

    caller.call(sandboxNumber)
    await caller.answered()
    await goTo(page, 'Live calls')
    await rowOf(page, 'With the agent').waitFor()
    await rowOf(page, 'With the agent').getByRole('button', { name: 'Hand over' }).click()
    const dialog = page.getByRole('dialog', { name: 'Hand over' })
    await dialog.getByLabel('Handoff').selectOption('duty-manager')
    await dialog.getByRole('button', { name: 'Hand over' }).click()
    caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
    await caller.next(/^ACK /)
    await rowOf(page, 'With a person').waitFor()
    await caller.ask('BYE')

    await goTo(page, 'Calls')
    await rowOf(page, 'Succeeded: answered').waitFor()
    await goTo(page, 'Transfers')
    await page.getByText(/^1 transfer, 100 % succeeded\./).waitFor()
    await goTo(page, 'Numbers & trunks')
    await page.getByText(sandboxNumber).first().waitFor()
    await goTo(page, 'History')
    await page.getByText('Hand over a call').waitFor()
    await goTo(page, 'Schedules')
    await goTo(page, 'People & tokens')
  })
})
