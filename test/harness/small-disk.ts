import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programPath } from './needs.ts'

const filler = 'filler'

/** A disk of a few KiB in memory, which a test fills. */
export class SmallDisk {
  readonly path: string

  /** Undefined where this process may not mount a file system: without root, or in most containers. */
  static mount(kibibytes: number): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'baton-disk-'))
    const args = ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', path]
    const isMounted = spawnSync(programPath('mount') ?? 'mount', args).status === 0
    if (isMounted) return new SmallDisk(path)
    rmSync(path, { recursive: true })

    return undefined
  }

  private constructor(path: string) {
    this.path = path
  }

  /** Leaves room for nothing but the rest of the pages that files have begun. */
  fill(): void {
    const file = openSync(join(this.path, filler), 'a')
    try {
      for (;;) writeSync(file, Buffer.alloc(4096))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(join(this.path, filler))
  }

  unmount(): void {
    spawnSync(programPath('umount') ?? 'umount', [this.path])
    rmSync(this.path, { recursive: true, force: true })
  }
}
