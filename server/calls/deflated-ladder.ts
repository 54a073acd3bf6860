import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'

import type { MessageRecord } from '../sip/stack.ts'
import type { PartyRole } from '../legs/views.ts'

/** A message on a ladder, and the leg that it belongs to. */
export interface LadderEntry {
  leg: PartyRole
  message: Pick<MessageRecord, 'at' | 'direction' | 'local' | 'remote' | 'transport' | 'text'>
}

type EntryMessage = LadderEntry['message']
type EntryRow = [
  PartyRole,
  EntryMessage['at'],
  EntryMessage['direction'],
  EntryMessage['local'],
  EntryMessage['remote'],
  EntryMessage['transport'],
  EntryMessage['text'],
]

// The messages of a set-up have 4 to 8 KiB, of which a fifth to a quarter is left; a small window and hash table cost less.
const options = { level: constants.Z_BEST_SPEED, windowBits: 13, memLevel: 5, chunkSize: 2048 }

/** The messages as one flat string, one character a byte: a Buffer of its own would take 300 bytes more. */
export function deflateEntries(entries: readonly LadderEntry[]): string {
  const rows = entries.map(({ leg, message: { at, direction, local, remote, transport, text } }): EntryRow => {
    return [leg, at, direction, local, remote, transport, text]
  })

  return deflateRawSync(JSON.stringify(rows), options).toString('latin1')
}

export function inflateEntries(deflated: string): LadderEntry[] {
  const rows = JSON.parse(inflateRawSync(Buffer.from(deflated, 'latin1')).toString()) as EntryRow[]

  return rows.map(([leg, at, direction, local, remote, transport, text]) => ({
    leg,
    message: { at, direction, local, remote, transport, text },
  }))
}
