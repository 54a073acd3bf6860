import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Skips the tests of the `describe` it is called in when one of these programs is not installed. `npm test` reads the
 * names from the source and installs them where it may, so they are written as string literals.
 */
export function needs(...commands: string[]): void {
  const missing = commands.filter((command) => programPath(command) === undefined)
  before(function () {
    if (missing.length > 0) this.skip()
  })
}

/** Where a program is: on the PATH, or in sbin, which a user's PATH may leave out. */
export function programPath(command: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']

  return folders.map((folder) => join(folder, command)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
