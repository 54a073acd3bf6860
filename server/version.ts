import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Baton's version, from the package.json above this file, be it source or build. */
export const version = readVersion(dirname(fileURLToPath(import.meta.url)))

function readVersion(folder: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
    if (name === 'baton') return version ?? '0.0.0'
  } catch {
    // Further up.
  }
  const parent = dirname(folder)

  return parent === folder ? '0.0.0' : readVersion(parent)
}
