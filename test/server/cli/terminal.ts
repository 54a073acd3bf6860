import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../server/cli/run.ts'

/** A command's output and exit code. */
export interface Printed {
  code: number
  out: string
  err: string
}

/** A terminal with a data folder of its own, where no Baton listens. */
export class Terminal {
  readonly dir: string
  readonly env: Record<string, string>

  /** What the next command reads from standard input. */
  input = ''

  private constructor(dir: string) {
    this.dir = dir
    // Nothing listens on port 1.
    this.env = {
      DATA_DIR: join(dir, 'data'),
      HTTP_LISTEN: '127.0.0.1:1',
      METRICS_LISTEN: '127.0.0.1:0',
      SIP_LISTEN: 'udp:127.0.0.1:0',
      OVERLOAD_LAG: '0',
    }
  }

  static async open(): Promise<Terminal> {
    return new Terminal(await mkdtemp(join(tmpdir(), 'baton-cli-')))
  }

  async file(name: string, text: string | Buffer): Promise<string> {
    const path = join(this.dir, name)
    await writeFile(path, text)

    return path
  }

  async baton(...args: string[]): Promise<Printed> {
    const printed = { out: '', err: '' }
    const code = await run(args, {
      env: this.env,
      out: (text) => (printed.out += text),
      bytes: (bytes) => (printed.out += Buffer.from(bytes).toString('latin1')),
      err: (text) => (printed.err += text),
      input: () => Promise.resolve(this.input),
    })

    return { code, ...printed }
  }

  async close(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}
