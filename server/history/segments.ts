import { readdir } from 'node:fs/promises'
import { Segment, SegmentWriter, type HistoryRecord } from './segment.ts'

/** The bounds of the history. */
export interface HistoryLimits {
  days: number
  bytes: number
}

const dayMs = 86_400_000
/** The history has at least so many segments when it is full: the oldest goes as a whole. */
const segmentsAtLeast = 32
const minSegmentBytes = 64 * 1024
const maxSegmentBytes = 32 * 1024 * 1024

/** The segments of a folder, and the one that is being written. The oldest are removed as the bounds demand. */
export class Segments {
  readonly #folder: string
  readonly #limits: HistoryLimits
  readonly #maxSegmentBytes: number
  /** The oldest first. */
  #all: Segment[] = []
  #lastNumber = 0
  #writer: SegmentWriter | undefined

  constructor(folder: string, limits: HistoryLimits) {
    this.#folder = folder
    this.#limits = limits
    this.#maxSegmentBytes = Math.min(maxSegmentBytes, Math.max(minSegmentBytes, limits.bytes / segmentsAtLeast))
  }

  /** The latest first. */
  get latestFirst(): Segment[] {
    return [...this.#all].reverse()
  }

  get bytes(): number {
    return this.#all.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get calls(): number {
    return this.#all.reduce((sum, { calls }) => sum + calls, 0)
  }

  /** Reads what earlier processes have written; a segment that cannot be read is left out and told to `skipped`. */
  async load(skipped: (path: string, error: unknown) => void): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    await this.#removeUnindexed(names)
    const numbers = names.flatMap((name) => /^(\d{8,})\.index$/.exec(name)?.[1] ?? []).map(Number)
    const loaded: Segment[] = []
    // The numbers of new segments are higher, also while the old ones are being read.
    this.#lastNumber = Math.max(this.#lastNumber, ...numbers)
    for (const number of numbers.sort((a, b) => a - b)) {
      try {
        loaded.push(await Segment.load(this.#folder, number))
      } catch (error) {
        skipped(new Segment(this.#folder, number).indexPath, error)
      }
    }
    this.#all = [...loaded, ...this.#all]
  }

  /** Records without an index were cut off by a crash before one of them was complete. */
  async #removeUnindexed(names: readonly string[]): Promise<void> {
    const records = names.flatMap((name) => /^(\d{8,})\.calls$/.exec(name)?.[1] ?? [])
    for (const number of records) {
      if (!names.includes(`${number}.index`)) await new Segment(this.#folder, Number(number)).remove()
    }
  }

  async write(records: readonly HistoryRecord[]): Promise<void> {
    const writer = await this.#current()
    await writer.write(records)
  }

  /** Removes the segments that are older than the bound in days, and the oldest while there are more bytes than the other allows. */
  async prune(now: number): Promise<void> {
    const { days, bytes } = this.#limits
    let total = this.bytes
    for (;;) {
      const [oldest] = this.#all
      if (!oldest || oldest.calls === 0) return
      const isOld = now - oldest.writtenAt > days * dayMs
      if (!isOld && (total <= bytes || oldest === this.#writer?.segment)) return
      if (oldest === this.#writer?.segment) await this.close()
      this.#all.shift()
      total -= oldest.bytes
      await oldest.remove()
    }
  }

  async close(): Promise<void> {
    await this.#writer?.close()
    this.#writer = undefined
  }

  /** A full segment, or one that holds a day, gives way to a new one. */
  async #current(): Promise<SegmentWriter> {
    const writer = this.#writer
    const isFull = writer && (writer.segment.bytes >= this.#maxSegmentBytes || Date.now() - writer.createdAt >= dayMs)
    if (writer && !isFull) return writer
    await this.close()
    const segment = new Segment(this.#folder, ++this.#lastNumber)
    this.#all.push(segment)

    return (this.#writer = new SegmentWriter(segment))
  }
}
