import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const privateFolder = 0o700
const privateFile = 0o600

/**
 * What is under a folder holds callers' numbers and tokens of tables: it is for the user that Baton runs as alone. What this
 * process makes from now on is so, too. What cannot be tightened, for it belongs to another user, is left.
 */
export function keepPrivate(folder: string): void {
  process.umask(0o077)
  mkdirSync(folder, { recursive: true })
  tighten(folder)
}

function tighten(folder: string): void {
  try {
    chmodSync(folder, privateFolder)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) tighten(path)
      else if (entry.isFile()) chmodSync(path, privateFile)
    }
  } catch {
    // The stores say what they cannot read or write.
  }
}
