/** The last good copy of every project on disk, so that a start without the store serves. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from './atomic-file.ts'
import { readRecord, readVersion, type ProjectRecord, type Version } from '../versions/record.ts'
import type { Served } from './served.ts'
import type { Log } from './store.ts'

export interface GoodCopy {
  record: ProjectRecord
  versions: readonly Version[]
}

export class LastGood {
  readonly #dir: string
  readonly #log: Log
  #writing: Promise<void> = Promise.resolve()

  constructor(dir: string, log: Log) {
    this.#dir = dir
    this.#log = log
  }

  /** Every copy that is whole; one that is not is said and left out. */
  async read(): Promise<Map<string, GoodCopy>> {
    const copies = new Map<string, GoodCopy>()
    const files = await readdir(this.#dir).catch(() => [])
    for (const file of files) {
      const project = /^(.+)\.json$/.exec(file)?.[1]
      if (project === undefined) continue
      const path = join(this.#dir, file)
      try {
        const copy = JSON.parse(await readFile(path, 'utf8')) as { record: unknown; versions: { version: number }[] }
        copies.set(project, {
          record: readRecord(JSON.stringify(copy.record), project),
          versions: copy.versions.map((version) => readVersion(JSON.stringify(version), project, version.version)),
        })
      } catch (error) {
        this.#log.error(`the last good copy ${path} is damaged: ${(error as Error).message}`, { project })
      }
    }

    return copies
  }

  /** Keeps a copy, one write after the other. A disk that fails is said; it stops nothing. */
  keep({ record, versions }: Served): void {
    const path = join(this.#dir, `${record.project}.json`)
    const copy: GoodCopy = { record, versions: [...versions.values()].map(({ version }) => version) }
    this.#writing = this.#writing.then(async () => {
      try {
        await mkdir(this.#dir, { recursive: true })
        await replaceFile(path, `${JSON.stringify(copy)}\n`)
      } catch (error) {
        this.#log.error(`the last good copy ${path} cannot be written: ${(error as Error).message}`)
      }
    })
  }

  /** When everything is written. */
  async settled(): Promise<void> {
    await this.#writing
  }
}
