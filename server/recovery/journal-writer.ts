import { write } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { JournalFolder } from './journal-folder.ts'
import { headLine, sizeOf, type LineParts } from './journal-lines.ts'

/** A file of the journal is followed by the next one after so many bytes. */
export const fileBytes = 8 * 1024 * 1024

/** The files of a journal, the newest of which is written. Rejects with what the disk says; one method at a time. */
export class JournalWriter {
  readonly #folder: JournalFolder
  readonly #node: string
  #handle: FileHandle | undefined
  /** The bytes of one write after the other. */
  #bytes = Buffer.alloc(0)
  #file = 0
  #oldest = 0
  #fileSize = 0
  #totalBytes = 0

  constructor(folder: JournalFolder, node: string) {
    this.#folder = folder
    this.#node = node
  }

  /** The file that is written; 0 before the first one. */
  get file(): number {
    return this.#file
  }

  /** The bytes of all files, as far as they are known. */
  get totalBytes(): number {
    return this.#totalBytes
  }

  /** Begins another file: the first one after those that are in the folder, or the one after the present one. */
  async beginFile(): Promise<void> {
    if (this.#file === 0) {
      const holder = this.#folder.isLocked ? undefined : await this.#folder.lock(0)
      if (holder !== undefined) throw new Error(`process ${holder} keeps its calls there`)
      const files = await this.#folder.files()
      this.#oldest = files[0] ?? 1
      this.#file = (files.at(-1) ?? 0) + 1
    } else if (this.#handle) {
      // A file that could not be begun is begun again: a full disk would have one more with each try.
      await this.#next().catch(() => undefined)
    }
    this.#handle = await this.#open()
  }

  /** @param needed the oldest file that has the line of a call that is up; those before it are removed */
  async append(lines: readonly LineParts[], needed: () => number): Promise<void> {
    if (this.#fileSize > fileBytes) await this.#next()
    this.#handle ??= await this.#open()
    const length = this.#encode(lines)
    for (let written = 0; written < length;) {
      written += await this.#write(this.#handle, written, length - written)
    }
    if (this.#bytes.length > fileBytes) this.#bytes = Buffer.alloc(0)
    this.#fileSize += length
    this.#totalBytes += length
    await this.#removeOld(needed())
  }

  /** Idempotent. Never rejects. */
  async close(): Promise<void> {
    await this.#handle?.close().catch(() => undefined)
    this.#handle = undefined
    this.#folder.unlock()
  }

  /** Resolves with how many bytes were written. */
  #write({ fd }: FileHandle, from: number, length: number): Promise<number> {
    // By callback: the file handle's own method takes half as long again, some 10 µs of every call's answer and end.
    return new Promise((resolve, reject) => {
      write(fd, this.#bytes, from, length, null, (error, written) => {
        if (error) reject(error)
        else resolve(written)
      })
    })
  }

  /** The lines in UTF-8, in `#bytes`; returns how many bytes they are. */
  #encode(lines: readonly LineParts[]): number {
    // A character of a string is three bytes at most.
    const most = lines.reduce((sum, line) => sum + 3 * sizeOf(line), 0)
    if (this.#bytes.length < most) this.#bytes = Buffer.allocUnsafeSlow(most)
    let length = 0
    for (const line of lines) for (const part of line) length += this.#bytes.write(part, length)

    return length
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#folder.pathOf(this.#file), 'w', 0o600)
    const head = headLine(this.#node)
    try {
      await handle.appendFile(head)
    } catch (error) {
      await handle.close()
      throw error
    }
    this.#fileSize = head.length

    return handle
  }

  async #next(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    this.#file += 1
    this.#fileSize = 0
    await handle?.close()
  }

  async #removeOld(needed: number): Promise<void> {
    if (this.#oldest >= needed) return
    for (; this.#oldest < needed; this.#oldest += 1) await this.#folder.remove(this.#oldest)
    this.#totalBytes = (needed === this.#file ? 0 : (this.#file - needed) * fileBytes) + this.#fileSize
  }
}
