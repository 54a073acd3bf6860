import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LeftCall } from './journal-lines.ts'

/** CDRs are written within moments of a call's end: those of the calls that ended last may be missing. */
const suspectMs = 60_000
/** The part of a day's file that is searched, its end: more than a minute of CDRs. */
const tailBytes = 64 * 1024 * 1024

/** The calls that ended in the last minute of the process before, and whose CDR is not in the folder. */
export async function lostCdrs(folder: string, ended: readonly LeftCall[]): Promise<LeftCall[]> {
  const last = ended.reduce((latest, { endedAt }) => Math.max(latest, timeOf(endedAt)), 0)
  const suspects = ended.filter(({ endedAt }) => timeOf(endedAt) >= last - suspectMs)
  if (suspects.length === 0) return []
  const days = new Set(suspects.map(({ endedAt }) => endedAt?.slice(0, 10)))
  let written = ''
  for (const day of days) written += await tailOf(join(folder, `cdr-${day ?? ''}.jsonl`))

  return suspects.filter(({ id }) => !written.includes(id))
}

function timeOf(endedAt: string | undefined): number {
  return endedAt === undefined ? 0 : Date.parse(endedAt)
}

/** '' of a file that cannot be read. */
async function tailOf(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const from = Math.max(0, size - tailBytes)
      const bytes = Buffer.alloc(size - from)
      await file.read(bytes, 0, bytes.length, from)

      return bytes.toString('latin1')
    } finally {
      await file.close()
    }
  } catch {
    return ''
  }
}
