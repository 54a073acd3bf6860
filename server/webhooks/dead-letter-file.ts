import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../../routes/index.ts'
import { readLetter, type DeadLetter, type DeadLetterStore, type LetterChanges } from './dead-letter.ts'

/** The file is written anew when changes have added that many bytes to it. */
const maxAppendedBytes = 8 * 1024 * 1024

/** Dead letters in a file: a line for each that is put (the letter) or gone (`{"gone": id}`), written anew now and then. */
export class DeadLetterFile implements DeadLetterStore {
  readonly shared = false
  readonly #path: string
  #appendedBytes = Infinity

  constructor(path: string) {
    this.#path = path
  }

  async load(): Promise<{ ids: ReadonlySet<string>; letters: DeadLetter[] }> {
    const letters = new Map<string, DeadLetter>()
    for (const line of (await this.#text()).split('\n')) {
      const letter = readLetter(line)
      if (letter) letters.set(letter.id, letter)
      else letters.delete(goneIn(line))
    }

    return { ids: new Set(letters.keys()), letters: [...letters.values()] }
  }

  async write(changes: LetterChanges, kept: ReadonlyMap<string, DeadLetter>): Promise<void> {
    const lines = Array.from(changes, ([id, letter]) => `${JSON.stringify(letter ?? { gone: id })}\n`).join('')
    // The first write of a process also mends a line that a crash has cut off.
    if (this.#appendedBytes + lines.length > maxAppendedBytes) {
      await mkdir(dirname(this.#path), { recursive: true })
      await replaceFile(this.#path, Array.from(kept.values(), (letter) => `${JSON.stringify(letter)}\n`).join(''))
      this.#appendedBytes = 0
      return
    }
    await appendFile(this.#path, lines)
    this.#appendedBytes += lines.length
  }

  close(): void {
    // A file that is opened for each write needs no closing.
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw error
    }
  }
}

function goneIn(line: string): string {
  try {
    return String((JSON.parse(line) as { gone?: string } | null)?.gone)
  } catch {
    return ''
  }
}
