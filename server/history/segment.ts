import { open, readFile, rm, stat, mkdir, type FileHandle } from 'node:fs/promises'
import { join, dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRaw } from 'node:zlib'
import type { CallView } from '../legs/views.ts'
import { type CallSummary, summaryOf } from './call-summary.ts'
import { ladderBytes, type PackedLadder } from './packed-ladder.ts'

/** A line of a segment's index: the facts of a call, and where its record is. */
export interface IndexEntry extends CallSummary {
  /** The frame of its view (offset and length), and its line there. */
  view: [offset: number, length: number, line: number]
  /** The frame of its ladder (offset and length), and where in it: start and size. */
  ladder: [offset: number, length: number, start: number, size: number]
  /** The record replaces an earlier one of the same call. */
  amends?: true
}

/** Lines of an index that are parsed in one turn of the event loop; SIP is served between turns. */
const linesInOneTurn = 250
const lineFeed = 0x0a
/** What each line of an index begins with. */
const lineStart = '{"startedAt":'

/** Two files of the history: records in frames (`.calls`), and a line about each call (`.index`). Read only; see SegmentWriter. */
export class Segment {
  readonly number: number
  readonly path: string
  readonly indexPath: string
  /** Bytes of both files that are known to be whole. */
  bytes = 0
  indexBytes = 0
  calls = 0
  /** When the calls of this segment began: the first and the last; milliseconds since 1970. */
  oldest = Infinity
  newest = -Infinity
  /** When the last record was written. */
  writtenAt = 0

  constructor(folder: string, number: number) {
    this.number = number
    this.path = join(folder, `${String(number).padStart(8, '0')}.calls`)
    this.indexPath = join(folder, `${String(number).padStart(8, '0')}.index`)
  }

  /** A segment that an earlier process has written. The line that a crash has cut off is left out. */
  static async load(folder: string, number: number): Promise<Segment> {
    const segment = new Segment(folder, number)
    const [index, records] = await Promise.all([stat(segment.indexPath), stat(segment.path)])
    segment.writtenAt = index.mtimeMs
    const text = await readFile(segment.indexPath)
    segment.indexBytes = text.lastIndexOf(lineFeed) + 1
    segment.bytes = records.size + index.size
    for (let start = 0; start < segment.indexBytes; start = text.indexOf(lineFeed, start) + 1) {
      if (segment.calls % (20 * linesInOneTurn) === 0) await nextTurn()
      const startedAt = parseInt(text.toString('latin1', start + lineStart.length, start + lineStart.length + 16), 10)
      segment.include(startedAt)
    }

    return segment
  }

  /** Notes that a call of this segment began at that time. */
  include(startedAt: number): void {
    this.calls++
    if (startedAt < this.oldest) this.oldest = startedAt
    if (startedAt > this.newest) this.newest = startedAt
  }

  /** The lines of the index, the latest first, as many at a time as one turn of the event loop bears. */
  async *entries(): AsyncGenerator<IndexEntry[]> {
    const text = await this.#index()
    let end = text.length - 1
    while (end > 0) {
      const entries: IndexEntry[] = []
      for (let taken = 0; taken < linesInOneTurn && end > 0; taken++) {
        const start = text.lastIndexOf(lineFeed, end - 1) + 1
        const entry = readEntry(text.toString('utf8', start, end))
        if (entry) entries.push(entry)
        end = start - 1
      }
      yield entries
      await nextTurn()
    }
  }

  /** The latest record of a call; undefined when this segment has none. */
  async find(id: string): Promise<IndexEntry | undefined> {
    const text = await this.#index()
    const at = text.lastIndexOf(`"id":${JSON.stringify(id)},`)
    if (at === -1) return undefined

    return readEntry(text.toString('utf8', text.lastIndexOf(lineFeed, at) + 1, text.indexOf(lineFeed, at)))
  }

  /** The expanded content of a frame. Rejects when it is damaged, or the segment is no longer kept. */
  async frame(offset: number, length: number): Promise<Buffer> {
    const file = await open(this.path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)

      return await decodeFrame(buffer.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  }

  async remove(): Promise<void> {
    await Promise.all([this.path, this.indexPath].map((path) => rm(path, { force: true })))
  }

  async #index(): Promise<Buffer> {
    try {
      const text = await readFile(this.indexPath)

      return text.subarray(0, this.indexBytes)
    } catch (error) {
      // The bounds of the history have removed it meanwhile.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
      throw error
    }
  }
}

function readEntry(line: string): IndexEntry | undefined {
  try {
    return JSON.parse(line) as IndexEntry
  } catch {
    return undefined
  }
}

const compress = promisify(deflateRaw)
const expand = promisify(inflateRaw)

/** In front of each frame: `BtnH`, the length of what follows, its CRC-32. */
const magic = 0x42746e48
const frameHeaderBytes = 12
/** Larger frames are damaged. */
const maxExpandedBytes = 256 * 1024 * 1024

/** A compressed block of a segment file. Compressing runs in a thread of the pool. */
async function encodeFrame(content: Buffer): Promise<Buffer> {
  const body = await compress(content, { level: 1 })
  const header = Buffer.alloc(frameHeaderBytes)
  header.writeUInt32BE(magic, 0)
  header.writeUInt32BE(body.length, 4)
  header.writeUInt32BE(crc32(body), 8)

  return Buffer.concat([header, body])
}

/** Rejects when the frame is cut off or damaged. */
async function decodeFrame(frame: Buffer): Promise<Buffer> {
  const body = frame.subarray(frameHeaderBytes)
  const isWhole =
    frame.length >= frameHeaderBytes &&
    frame.readUInt32BE(0) === magic &&
    frame.readUInt32BE(4) === body.length &&
    frame.readUInt32BE(8) === crc32(body)
  if (!isWhole) throw new Error('a block of the history is damaged')

  return expand(body, { maxOutputLength: maxExpandedBytes })
}

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
