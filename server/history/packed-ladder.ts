import { masked } from '../../engine/index.ts'
import type { LadderEntry } from '../calls/deflated-ladder.ts'
import { ladderView, type Ladder } from '../calls/ladders.ts'
import type { LadderView } from '../legs/views.ts'

/** A message without its text: when, leg, direction, local and remote address, transport, length of the text. */
type PackedEntry = [
  number,
  LadderEntry['leg'],
  LadderEntry['message']['direction'],
  string,
  string,
  LadderEntry['message']['transport'],
  number,
]

interface PackedHead {
  omitted: number
  /** The entries, by the name that earlier versions have stored. */
  rungs: PackedEntry[]
}

/**
 * A ladder on its way to a file, one character a byte: a line of JSON about its messages, then their texts as they were on the
 * wire, with credentials masked. Texts are neither parsed, escaped nor joined, so that packing costs little.
 */
export interface PackedLadder {
  readonly parts: readonly string[]
  readonly bytes: number
}

export function packLadder({ entries, omitted }: Pick<Ladder, 'entries' | 'omitted'>): PackedLadder {
  const head: PackedHead = { omitted, rungs: [] }
  const parts = ['']
  let bytes = 0
  for (const { leg, message } of entries) {
    const { at, direction, local, remote, transport } = message
    const text = masked(message.text)
    head.rungs.push([at, leg, direction, local, remote, transport, text.length])
    parts.push(text)
    bytes += text.length
  }
  const line = `${JSON.stringify(head)}\n`
  parts[0] = line

  return { parts, bytes: line.length + bytes }
}

/** The bytes of some ladders, one behind the other. */
export function ladderBytes(ladders: readonly PackedLadder[]): Buffer {
  const content = Buffer.allocUnsafe(ladders.reduce((sum, { bytes }) => sum + bytes, 0))
  let end = 0
  for (const { parts } of ladders) for (const part of parts) end += content.write(part, end, 'latin1')

  return content
}

export function unpackLadder(packed: Buffer): LadderView {
  const end = packed.indexOf('\n')
  const head = JSON.parse(packed.toString('latin1', 0, end)) as PackedHead
  let start = end + 1
  const entries = head.rungs.map(([at, leg, direction, local, remote, transport, length]): LadderEntry => {
    const text = packed.toString('latin1', start, start + length)
    start += length

    return { leg, message: { at, direction, local, remote, transport, text } }
  })

  return ladderView(entries, head.omitted)
}
