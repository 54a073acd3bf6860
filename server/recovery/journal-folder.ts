import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { JournalContent } from './journal-lines.ts'

/** How long a process that is about to exit is waited for: it hands its calls over. */
const takeOverWaitMs = 3000

/**
 * The folder of the journal: files that are numbered in the order in which they were begun, and a lock that names the process
 * that writes there. Two processes that wrote would each take the other's calls for its own.
 */
export class JournalFolder {
  readonly path: string
  #isLocked = false

  constructor(path: string) {
    this.path = path
  }

  /** Resolves with the process that has the folder, when that is another one that runs; undefined once this one has it. */
  async lock(waitMs = takeOverWaitMs): Promise<number | undefined> {
    await mkdir(this.path, { recursive: true })
    const until = performance.now() + waitMs
    for (;;) {
      const holder = await this.#tryLock()
      if (holder === undefined) return undefined
      if (performance.now() >= until) return holder
      await sleep(50)
    }
  }

  /** Whether this process has the folder. */
  get isLocked(): boolean {
    return this.#isLocked
  }

  /** Idempotent. */
  unlock(): void {
    if (!this.#isLocked) return
    this.#isLocked = false
    try {
      unlinkSync(this.#lockPath)
    } catch {
      // The folder is gone.
    }
  }

  /** The numbers of the files, ascending. */
  async files(): Promise<number[]> {
    const names = await readdir(this.path)

    return names
      .map((name) => Number(/^calls-(\d{6,12})\.jsonl$/.exec(name)?.[1] ?? NaN))
      .filter((number) => !Number.isNaN(number))
      .sort((a, b) => a - b)
  }

  pathOf(file: number): string {
    return join(this.path, `calls-${String(file).padStart(6, '0')}.jsonl`)
  }

  /** All files together. @param unread is told of a file that cannot be read, or is of a schema that this release does not read: it is set aside */
  async read(unread: (path: string, why: string) => void): Promise<JournalContent> {
    const content = new JournalContent()
    for (const file of await this.files()) {
      const path = this.pathOf(file)
      const why = await readFile(path, 'utf8').then(
        (text) => content.takeFile(text),
        (error: unknown) => (error as Error).message,
      )
      if (why === undefined) continue
      await rename(path, `${path}.unread`)
      unread(`${path}.unread`, why)
    }

    return content
  }

  async remove(file: number): Promise<void> {
    await rm(this.pathOf(file), { force: true })
  }

  get #lockPath(): string {
    return join(this.path, 'lock')
  }

  async #tryLock(): Promise<number | undefined> {
    try {
      await writeFile(this.#lockPath, JSON.stringify(thisProcess()), { flag: 'wx' })
      this.#isLocked = true

      return undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await this.#holder()
    if (holder && runs(holder)) return holder.pid
    // Its process was killed.
    await rm(this.#lockPath, { force: true })

    return this.#tryLock()
  }

  async #holder(): Promise<LockHolder | undefined> {
    try {
      const { pid, began } = JSON.parse(await readFile(this.#lockPath, 'utf8')) as Partial<LockHolder>

      return typeof pid === 'number' ? { pid, began: String(began) } : undefined
    } catch {
      return undefined
    }
  }
}

interface LockHolder {
  readonly pid: number
  /** When the process began, as the kernel counts it: in a container, each one may have the same number. */
  readonly began: string
}

function thisProcess(): LockHolder {
  return { pid: process.pid, began: beginningOf(process.pid) }
}

function runs({ pid, began }: LockHolder): boolean {
  try {
    process.kill(pid, 0)

    return beginningOf(pid) === began && pid !== process.pid
  } catch (error) {
    // Another user's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && beginningOf(pid) === began
  }
}

/** The start time of /proc/PID/stat (proc(5), field 22); '' where there is none. */
function beginningOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')

    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
