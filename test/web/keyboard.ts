import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { until } from '../harness/until.ts'

/** What an element looks like with the parts that show its focus: itself, its neighbours, and those around it. */
const library = `(() => {
  const shown = (one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== 'hidden'
  const first = (radio) => document.querySelector('input[type=radio][name="' + radio.name + '"]:checked') ?? radio
  const isStop = (one) => one.tabIndex >= 0 && !one.disabled && shown(one) && (one.type !== 'radio' || first(one) === one)
  const nameOf = (one) => one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent || one.placeholder || one.outerHTML.slice(0, 120)
  const around = (one, levels) => levels > 0 && one.parentElement ? [one.parentElement, ...around(one.parentElement, levels - 1)] : []
  const look = (one) => [one, ...one.parentElement.children, ...around(one, 4)].map((part) => {
    part.getAnimations().forEach((animation) => animation.finish())
    const { outlineStyle, outlineWidth, outlineColor, borderColor, boxShadow, top } = getComputedStyle(part)
    return [outlineStyle, outlineStyle === 'none' ? '' : outlineWidth + outlineColor, borderColor, boxShadow, top].join()
  }).join(';')
  let left
  window.keyboardStops = {
    mark: (root) => {
      for (const one of document.querySelectorAll('[data-stop]')) one.removeAttribute('data-stop')
      left = undefined
      const stops = [...root.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(isStop)
      stops.forEach((one, index) => one.setAttribute('data-stop', index))
      return stops.map(nameOf)
    },
    step: () => {
      const one = document.activeElement
      const unseen = left && left.one !== one && left.one.isConnected && look(left.one) === left.look ? nameOf(left.one) : undefined
      left = one && one !== document.body ? { one, look: look(one) } : undefined
      return { stop: one?.hasAttribute('data-stop') ? Number(one.getAttribute('data-stop')) : -1, unseen, isOut: !one?.closest('[role=dialog]') }
    },
  }
})()`

interface Step {
  /** The index of the control that has the focus; -1 of anything else, such as a part that scrolls. */
  stop: number
  /** The control that looked the same with the focus as without it. */
  unseen?: string
  /** Whether the focus is outside of every dialog. */
  isOut: boolean
}

/** Marks the controls of a page or a dialog in their order in the document. @returns their names */
async function mark(page: Page, selector: string): Promise<string[]> {
  await page.evaluate(library)

  return page.evaluate<string[]>(`window.keyboardStops.mark(document.querySelector('${selector}'))`)
}

async function press(page: Page, key: string): Promise<Step> {
  await page.keyboard.press(key)

  return page.evaluate<Step>('window.keyboardStops.step()')
}

/** Parts that scroll may have the focus besides the controls, and a field of a moment has a stop for each of its parts. */
const maxOthers = 40
const maxWalks = 4

/** Reaches every control of a page by Tab, in the order of the document, each with a focus that is seen. */
export async function walkPage(page: Page): Promise<void> {
  await until(
    'the page is loaded',
    async () => (await page.getByRole('progressbar', { name: 'Loading' }).count()) === 0,
  )
  // A page that has got other controls meanwhile, such as those of an answer that came late, is walked again.
  for (let walk = 1; walk <= maxWalks; walk++) {
    const names = await mark(page, 'body')
    const { found, unseen } = await tabThrough(page, names.length)
    if (walk < maxWalks && (await mark(page, 'body')).join() !== names.join()) continue
    assert.deepEqual(
      found.map((index) => names[index]),
      names,
      page.url(),
    )
    assert.deepEqual(unseen, [], page.url())
    break
  }
}

async function tabThrough(page: Page, controls: number): Promise<{ found: number[]; unseen: string[] }> {
  await page.evaluate('document.querySelector("[data-stop=\\"0\\"]").focus()')
  const found = [(await page.evaluate<Step>('window.keyboardStops.step()')).stop]
  const unseen: string[] = []
  for (let presses = 0; presses < controls + maxOthers && found.at(-1) !== controls - 1; presses++) {
    const step = await press(page, 'Tab')
    if (step.stop >= 0 && step.stop !== found.at(-1)) found.push(step.stop)
    if (step.unseen !== undefined) unseen.push(step.unseen)
  }

  return { found, unseen }
}

/** Opens a dialog by Enter, reaches every control in it by Tab and none outside, and closes it by Escape: the opener has the focus. */
export async function walkDialog(page: Page, opener: Locator): Promise<void> {
  await opener.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  const name = `${(await opener.getAttribute('aria-label')) ?? (await opener.textContent())} on ${page.url()}`
  await until(`the focus is in ${name}`, () =>
    page.evaluate<boolean>('document.activeElement.closest("[role=dialog]") !== null'),
  )
  await until(
    `${name} is loaded`,
    async () => (await dialog.getByRole('progressbar', { name: 'Loading' }).count()) === 0,
  )
  const names = await mark(page, '[role=dialog]')
  const found = new Set<number>()
  const unseen: string[] = []
  for (let presses = 0; presses < names.length + maxOthers && found.size < names.length; presses++) {
    const step = await press(page, 'Tab')
    assert.equal(step.isOut, false, `${name}: the focus has left the dialog`)
    if (step.stop >= 0) found.add(step.stop)
    if (step.unseen !== undefined) unseen.push(step.unseen)
  }
  assert.equal((await press(page, 'Tab')).isOut, false, `${name}: the focus has left the dialog`)
  assert.deepEqual(
    names.filter((_, index) => !found.has(index)),
    [],
    name,
  )
  assert.deepEqual(unseen, [], name)
  // A list of choices that is open is closed first.
  if (await page.evaluate<boolean>('document.activeElement.ariaExpanded === "true"')) {
    await page.keyboard.press('Escape')
  }
  await page.keyboard.press('Escape')
  await until(`${name} is closed`, async () => (await dialog.count()) === 0)
  await hasFocus(opener)
}

/** Waits until an element has the focus. */
export async function hasFocus(element: Locator): Promise<void> {
  await until(`${element.toString()} has the focus`, () =>
    element.evaluate(
      (one) => one === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement,
    ),
  )
}
