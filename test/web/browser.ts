import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import type { Baton } from '../harness/baton.ts'
import { programPath } from '../harness/needs.ts'

/** Where the tests write what each page looks like, once that is asked for by `SCREENSHOTS=1`. */
const pictures = 'docs/pages'

/** Leads the browser to this machine as to another one: a page by plain http from there is no secure context. */
export const insecureHost = '192.0.2.1'

/** Debian's Chromium, for the tests of one file. */
export class Pages {
  readonly #baton: () => Baton
  #browser: Browser | undefined
  readonly #problems: string[] = []

  constructor(baton: () => Baton) {
    this.#baton = baton
  }

  async launch(): Promise<void> {
    // `npm test` has built them; a test file that runs by itself builds what is missing.
    if (!existsSync('dist/web/index.html')) {
      assert.equal(spawnSync('npx', ['vite', 'build', 'web', '--logLevel', 'warn'], { stdio: 'inherit' }).status, 0)
    }
    this.#browser = await chromium.launch({
      executablePath: programPath('chromium') ?? 'chromium',
      // Tests run as root in containers, where Chromium's sandbox cannot be made.
      args: ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`],
    })
  }

  /** A page as a person opens it, of the test's Baton unless the address names another; what its console complains about fails the test at `close`. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    assert.ok(this.#browser)
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      ...options,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => this.#problems.push(error.stack ?? error.message))
    page.on('console', (message) => {
      // The browser writes a line for each answer that is no success, also for those that the page shows.
      if (message.type() === 'error' && !message.text().includes('Failed to load resource')) {
        this.#problems.push(message.text())
      }
    })
    await page.goto(new URL(path, this.#baton().http).href)

    return page
  }

  /** What went wrong in the pages since the last time. */
  takeProblems(): string[] {
    return this.#problems.splice(0)
  }

  /** Closes the pages, before their Baton stops: each request of one that is still open would fail, and be a problem of the next test. */
  async leave(): Promise<void> {
    await Promise.all(this.#browser?.contexts().map((context) => context.close()) ?? [])
  }

  async close(): Promise<void> {
    await this.#browser?.close()
  }
}

/** What axe finds on a page, in words; WCAG 2 A and AA. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const { source } = (await import('axe-core')).default
  await page.evaluate(source)

  return page.evaluate(async () => {
    interface Window {
      axe: { run: (shown: object, options: object) => Promise<Found> }
      document: { querySelector: (selector: string) => object | null }
    }
    interface Found {
      violations: { id: string; help: string; nodes: { html: string }[] }[]
    }
    const { axe, document } = globalThis as unknown as Window
    // What lies behind an open dialog is out of reach, and dimmed.
    const shown = document.querySelector('[role=dialog]') ?? document
    const { violations } = await axe.run(shown, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })

    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 300)}`))
  })
}

/** Milliseconds from the load of the document until the page has such an element. */
export async function whenShown(page: Page, selector: string): Promise<number> {
  const shown = await page.waitForFunction((wanted) => {
    const { document, performance } = globalThis as unknown as {
      document: { querySelector: (selector: string) => object | null }
      performance: { now: () => number }
    }

    return document.querySelector(wanted) ? performance.now() : false
  }, selector)

  return Number(await shown.jsonValue())
}

/** Keeps what the page looks like, where `SCREENSHOTS=1` asks for it. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS !== '1') return
  mkdirSync(pictures, { recursive: true })
  // Colours that fade from light to dark are shown as they are in the end.
  await page.screenshot({ path: `${pictures}/${name}.png`, animations: 'disabled' })
}

/** Keeps what the page looks like in light and in dark. @param page in light, as it is afterwards */
export async function bothPictures(page: Page, name: string): Promise<void> {
  await picture(page, name)
  await page.emulateMedia({ colorScheme: 'dark' })
  await picture(page, `${name}-dark`)
  await page.emulateMedia({ colorScheme: 'light' })
}
