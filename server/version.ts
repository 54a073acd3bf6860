import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Baton's version, from the package.json above this file, in the sources or the build. */
export const version = readVersion(dirname(fileURLToPath(import.meta.url)))

function readVersion(folder: string): string {
  try {
    const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
    if (found.name === 'baton') return found.version ?? '0.0.0'
  } catch {
    // The file is in a folder further up.
  }
  const parent = dirname(folder)

  return parent === folder ? '0.0.0' : readVersion(parent)
}
