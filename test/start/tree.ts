import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

const leftOut = /^(?:node_modules|dist|data|coverage|\.git|\.test)(?:\/|$)/

/** A copy of the working tree, as a clone would be: not built. Packages are those of this one, unless it is to have none. */
export class Tree {
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-tree-'))

  constructor(packages: 'installed' | 'missing' = 'installed') {
    const root = resolve('.')
    cpSync(root, this.folder, { recursive: true, filter: (path) => !leftOut.test(relative(root, path)) })
    if (packages === 'installed') symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
  }

  /** Replaces text in a file of the copy. */
  edit(path: string, change: (text: string) => string): void {
    const file = join(this.folder, path)
    writeFileSync(file, change(readFileSync(file, 'utf8')))
  }

  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Run {
    return new Run(command, args, this.folder, env)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A program that runs, and what it has printed so far. */
export class Run {
  readonly #child: ChildProcess
  readonly ended: Promise<number | null>
  output = ''

  constructor(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    // A group of its own: Ctrl-C at a terminal reaches npm and all that it has started.
    this.#child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    }
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  /** Resolves when it has printed this; rejects, with all that it printed, when it ends first. */
  async printed(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      const ended = await Promise.race([this.ended.then(() => true), this.#moreOutput()])
      if (ended && !this.output.includes(text)) throw new Error(`It ended without printing ${text}:\n${this.output}`)
    }
  }

  /** Ctrl-C. Resolves with the exit code. */
  interrupt(): Promise<number | null> {
    this.#signal('SIGINT')

    return this.ended
  }

  /** Ends it and all that it has started. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.ended
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode } = this.#child
    if (pid !== undefined && exitCode === null) process.kill(-pid, signal)
  }

  #moreOutput(): Promise<false> {
    const { stdout, stderr } = this.#child

    return new Promise((done) => {
      const more = (): void => {
        stdout?.off('data', more)
        stderr?.off('data', more)
        done(false)
      }
      stdout?.on('data', more)
      stderr?.on('data', more)
    })
  }
}
