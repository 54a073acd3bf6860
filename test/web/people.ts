import type { Page } from 'playwright-core'
import type { Role } from '../../server/access/index.ts'

export const password = 'correct horse battery'

export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name: 'Sign in to Baton' }).waitFor()
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: `Account of ${name}` }).waitFor()
}

/** Adds people from a page of a person who may; the first of all, an admin, from any page. */
export async function addPeople(page: Page, people: Readonly<Record<string, Role>>): Promise<void> {
  for (const [name, role] of Object.entries(people)) {
    const status = await page.evaluate(
      async (person) => {
        const body = JSON.stringify(person)
        const headers = { 'content-type': 'application/json' }

        return (await fetch('/v1/people', { method: 'POST', headers, body })).status
      },
      { name, role, password },
    )
    if (status !== 201) throw new Error(`adding ${name}: ${status}`)
  }
}
