import { setTimeout as sleep } from 'node:timers/promises'
import type { KeptCall } from '../calls/kept-call.ts'
import { lostView } from '../calls/lost-view.ts'
import type { CallView } from '../legs/views.ts'
import { hungText } from './call-journal.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { LeftCall } from './journal-lines.ts'
import { lostCdrs } from './lost-cdrs.ts'

/** A disk that has not answered for so long hangs: Baton starts without what is there. */
const maxReadMs = 10_000

interface LeftRecordsLog {
  error(message: string, fields?: object): unknown
  info(message: string, fields?: object): unknown
}

/** What the process before has left in the folder of its journal. */
export interface LeftRecords {
  readonly calls: readonly KeptCall[]
  /** The calls that had ended. */
  readonly ended: readonly LeftCall[]
  /** Those whose CDR is not written, and those that ended with their process. */
  readonly lost: readonly LeftCall[]
  /** Nothing was there. */
  readonly isNew: boolean
  /** Another process that runs has the folder: all in it is that one's. */
  readonly holder?: number | undefined
}

const nothing: LeftRecords = { calls: [], ended: [], lost: [], isNew: true }

/** Never rejects: a folder that cannot be read, or does not answer, is as one that has nothing, and the log says so. */
export async function readRecords(
  folder: JournalFolder,
  cdrFolder: string,
  log: LeftRecordsLog,
  maxMs = maxReadMs,
): Promise<LeftRecords> {
  try {
    const found = await Promise.race([read(folder, cdrFolder, log), sleep(maxMs, undefined, { ref: false })])
    if (found) return found
    throw new Error(hungText)
  } catch (error) {
    log.error('calls of the process before are lost: their journal cannot be read', { folder: folder.path, error })

    return nothing
  }
}

async function read(folder: JournalFolder, cdrFolder: string, log: LeftRecordsLog): Promise<LeftRecords> {
  const holder = await folder.lock()
  if (holder !== undefined) {
    log.error('calls will not outlive this process: another one keeps its calls in the folder', {
      ...{ folder: folder.path, pid: holder },
    })

    return { ...nothing, holder }
  }
  const isNew = (await folder.files()).length === 0
  const content = await folder.read((path, why) => {
    log.error('a file of the journal is not read and set aside; its calls are lost', { path, why })
  })
  const calls = content.calls()
  const ended = content.ended()
  const { broken } = content
  if (calls.length > 0 || broken > 0) log.info('calls of the process before', { calls: calls.length, broken })

  const lost = [...(await lostCdrs(cdrFolder, ended)), ...content.views().flatMap(lostCall)]

  return { calls, ended, lost, isNew }
}

/** Its end is known no better than by this start. None for what is no view of a call. */
function lostCall(view: CallView): LeftCall[] {
  const endedAt = new Date().toISOString()
  try {
    return [{ id: view.id, endedAt, json: JSON.stringify(lostView(view, endedAt)), numbers: [] }]
  } catch {
    return []
  }
}
