/** Real Redis servers for tests: on ports of their own, in folders of their own, ended by their process. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { programPath } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { folder } from './fixtures.ts'

export class RedisServer {
  readonly port: number
  readonly dir: string
  /** What it has logged, a line each. */
  readonly log: string[] = []
  readonly #args: readonly string[]
  readonly #clean: () => Promise<void>
  #process: ChildProcess | undefined

  private constructor(port: number, dir: string, clean: () => Promise<void>, args: readonly string[]) {
    this.port = port
    this.dir = dir
    this.#clean = clean
    this.#args = args
  }

  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const { path, clean } = await folder()
    const server = new RedisServer(await freePort(), path, clean, args)
    await server.start()

    return server
  }

  static async sentinel(conf: string, port: number): Promise<RedisServer> {
    const { path, clean } = await folder()
    const server = new RedisServer(port, path, clean, [])
    await server.#run([conf, '--sentinel', '--port', String(port), '--bind', '127.0.0.1', '--dir', path])

    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const own = [
      '--port',
      String(this.port),
      '--bind',
      '127.0.0.1',
      '--dir',
      this.dir,
      '--save',
      '',
      '--appendonly',
      'no',
    ]
    await this.#run([...own, ...this.#args])
  }

  async #run(args: readonly string[]): Promise<void> {
    const child = spawn(programPath('redis-server') ?? 'redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = child
    // Read to the end: a server that cannot write its log stands still.
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout })
        .on('line', (line) => {
          this.log.push(line)
          if (/Ready to accept connections|Sentinel ID is/.test(line)) resolve()
        })
        .on('close', () => {
          reject(new Error(`redis-server did not start: ${this.log.at(-1) ?? 'it said nothing'}`))
        })
    })
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child?.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Holds it: it takes connections, and answers nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** One command, on a connection of its own. */
  async ask(command: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis(this.port, '127.0.0.1')
    try {
      return await client.call(command, ...args)
    } finally {
      client.disconnect()
    }
  }

  async stop(): Promise<void> {
    this.resume()
    await this.kill()
    await this.#clean()
  }
}
