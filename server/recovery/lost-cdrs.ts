import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LeftCall } from './journal-lines.ts'

/** CDRs are written within moments of a call's end: those of the calls that ended last may be missing. */
const suspectMs = 60_000
/** The part of a day's file that is searched, its end: more than a minute of CDRs. */
const tailBytes = 64 * 1024 * 1024
/** The part of a file that has its last CDR. */
const lastBytes = 1024 * 1024

/**
 * The calls of the process before whose CDR is not in the folder: of those that ended in its last minute, and of all since the
 * last CDR that the folder did take. Older ones were written, and may have been collected since.
 */
export async function lostCdrs(folder: string, ended: readonly LeftCall[]): Promise<LeftCall[]> {
  if (ended.length === 0) return []
  const last = ended.reduce((latest, { endedAt }) => Math.max(latest, timeOf(endedAt)), 0)
  const written = await lastWritten(folder)
  const from = Math.min(last, written ?? last) - suspectMs
  const suspects = ended.filter(({ endedAt }) => timeOf(endedAt) >= from)
  const days = new Set(suspects.map(({ endedAt }) => endedAt?.slice(0, 10)))
  const ids = new Set<string>()
  for (const day of days) {
    for (const [, id = ''] of (await tailOf(join(folder, `cdr-${day ?? ''}.jsonl`))).matchAll(idOfLine)) ids.add(id)
  }

  return suspects.filter(({ id }) => !ids.has(id))
}

/** The id that a CDR begins with. */
const idOfLine = /^\{"id":"([^"]+)"/gm

const endOfCall = /"endedAt":"([^"]{1,40})"/

/** When the call of the last CDR in the folder ended; undefined without one. */
async function lastWritten(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch(() => [])
  const latest = names
    .filter((name) => /^cdr-[\d-]+\.jsonl$/.test(name))
    .sort()
    .at(-1)
  if (latest === undefined) return undefined
  const tail = (await tailOf(join(folder, latest))).slice(-lastBytes)
  // A line that a crash has cut off counts for nothing.
  const lines = tail
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.endsWith('}'))
  const times = lines.map((line) => timeOf(endOfCall.exec(line)?.[1])).filter((time) => time > 0)

  return times.at(-1)
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
