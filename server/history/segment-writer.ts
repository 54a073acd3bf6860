import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CallView } from '../legs/views.ts'
import { summaryOf } from './call-summary.ts'
import { ladderBytes, type PackedLadder } from './packed-ladder.ts'
import { type IndexEntry, type Segment, encodeFrame } from './segment.ts'

/** An ended call as it is written. */
export interface HistoryRecord {
  view: CallView
  /** The view on one line. */
  json: string
  ladder: PackedLadder
  /** An earlier record of this call was written. */
  amends: boolean
}

/** Appends records to a segment. What a failed write has left behind is taken away. */
export class SegmentWriter {
  readonly segment: Segment
  readonly createdAt = Date.now()
  #files: { records: FileHandle; index: FileHandle } | undefined
  #recordBytes = 0

  constructor(segment: Segment) {
    this.segment = segment
  }

  /** Writes the records as one block. Rejects when the disk does not take them; none of them is kept then. */
  async write(records: readonly HistoryRecord[]): Promise<void> {
    const files = (this.#files ??= await this.#open())
    const block = new SegmentBlock(records)
    const views = await encodeFrame(Buffer.from(block.views))
    const ladders = await encodeFrame(block.ladders)
    const index = Buffer.from(block.index([this.#recordBytes, views.length], ladders.length))
    try {
      await writeAll(files.records, Buffer.concat([views, ladders]), this.#recordBytes)
      await writeAll(files.index, index, this.segment.indexBytes)
    } catch (error) {
      // Lines of the index that were written would name records that the next block overwrites.
      await Promise.allSettled([
        files.index.truncate(this.segment.indexBytes),
        files.records.truncate(this.#recordBytes),
      ])
      throw error
    }

    this.#recordBytes += views.length + ladders.length
    this.segment.indexBytes += index.length
    this.segment.bytes = this.#recordBytes + this.segment.indexBytes
    this.segment.writtenAt = Date.now()
    for (const { startedAt } of block.summaries) this.segment.include(startedAt)
  }

  async close(): Promise<void> {
    const files = this.#files
    this.#files = undefined
    await Promise.all([files?.records.close(), files?.index.close()])
  }

  async #open(): Promise<{ records: FileHandle; index: FileHandle }> {
    await mkdir(dirname(this.segment.path), { recursive: true })
    const records = await open(this.segment.path, 'w')
    try {
      return { records, index: await open(this.segment.indexPath, 'w') }
    } catch (error) {
      await records.close()
      throw error
    }
  }
}

/** The content of the two frames, and the lines of the index, of some records. */
class SegmentBlock {
  readonly summaries
  readonly views: string
  readonly ladders: Buffer
  readonly #records: readonly HistoryRecord[]

  constructor(records: readonly HistoryRecord[]) {
    this.#records = records
    this.summaries = records.map(({ view }) => summaryOf(view))
    this.views = records.map(({ json }) => `${json}\n`).join('')
    this.ladders = ladderBytes(records.map(({ ladder }) => ladder))
  }

  index([offset, viewsLength]: [number, number], laddersLength: number): string {
    let start = 0
    const lines = this.#records.map(({ ladder, amends }, line) => {
      const entry = {
        ...this.summaries[line],
        view: [offset, viewsLength, line],
        ladder: [offset + viewsLength, laddersLength, start, ladder.bytes],
        ...(amends && { amends }),
      } as IndexEntry
      start += ladder.bytes

      return `${JSON.stringify(entry)}\n`
    })

    return lines.join('')
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
