import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The size of a test write: a full disk accepts an empty one. */
const probeBytes = 4096

/** Rejects while a folder cannot be written, such as on a full disk. */
export async function probeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const probe = join(folder, '.probe')
  try {
    await writeFile(probe, Buffer.alloc(probeBytes))
  } finally {
    await rm(probe, { force: true })
  }
}
