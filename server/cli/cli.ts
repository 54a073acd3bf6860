import type { Command } from 'commander'
import { ConfigError, loadSettings, type Settings } from '../../config/index.ts'
import type { ProjectView } from '../../routes/index.ts'
import { Client } from './client.ts'
import { Failure } from './failure.ts'
import { openOffline, type Offline } from './offline.ts'
import { get, type ApiAnswer, type ApiRequest } from './request.ts'

/** What the command line is given of its process. */
export interface Surroundings {
  env: Record<string, string | undefined>
  out(text: string): void
  err(text: string): void
}

/** Options that every command has. */
export interface CommonOptions {
  json?: true
  url?: string
  token?: string
}

/** What one run of a command works with: its options, its settings, and whoever answers its requests. */
export class Cli {
  readonly options: CommonOptions
  readonly #around: Surroundings
  readonly #where: 'store' | 'server'
  #client: Client | undefined
  #settings: Settings | undefined
  #offline: Offline | undefined

  /** @param where `store`: a request may be answered from the store when no Baton runs; `server`: only by a Baton */
  constructor(around: Surroundings, options: CommonOptions, where: 'store' | 'server') {
    this.#around = around
    this.options = options
    this.#where = where
  }

  /** Throws a Failure with every mistake of the settings. */
  get settings(): Settings {
    try {
      return (this.#settings ??= loadSettings({ env: this.#around.env }))
    } catch (error) {
      throw error instanceof ConfigError ? new Failure(error.message) : error
    }
  }

  send(request: ApiRequest): Promise<ApiAnswer> {
    return (this.#client ??= this.#connect()).send(request)
  }

  /** Sends the request and prints its answer: as it came with `--json`, else as `show` puts it. */
  async ask<Answer>(request: ApiRequest, show: (answer: Answer) => string): Promise<Answer> {
    const answer = JSON.parse((await this.send(request)).text) as Answer
    this.print(answer, show)

    return answer
  }

  print<Answer>(answer: Answer, show: (answer: Answer) => string): void {
    this.#around.out(this.options.json ? `${JSON.stringify(answer, null, 2)}\n` : show(answer))
  }

  text(text: string): void {
    this.#around.out(text)
  }

  warn(text: string): void {
    this.#around.err(`${text}\n`)
  }

  /** The project that is meant: the one that is named, else the only one there is. */
  async project(named: string | undefined): Promise<string> {
    if (named !== undefined) return named
    const { projects } = JSON.parse((await this.send(get('/v1/projects'))).text) as { projects: ProjectView[] }
    const [only, another] = projects.map(({ project }) => project)
    if (only === undefined) throw new Failure('There is no project yet. Import one: npx baton routes import FILE')
    if (another !== undefined) {
      throw new Failure(
        `Which project? Say --project ${projects.map(({ project }) => project).join(' or --project ')}.`,
      )
    }

    return only
  }

  async close(): Promise<void> {
    await this.#offline?.close()
  }

  #connect(): Client {
    const { url, token } = this.options
    if (url !== undefined) return new Client({ url, token: token ?? this.#around.env.ADMIN_TOKEN })
    const { http } = this.settings

    return new Client({
      url: urlOf(http),
      token: token ?? http.adminToken,
      offline: this.#where === 'store' ? () => this.#openOffline() : undefined,
    })
  }

  async #openOffline(): Promise<Offline['answer']> {
    const { redisUrl, dataDir, http } = this.settings
    this.#offline = await openOffline(this.settings, (message) => this.warn(message))
    this.warn(
      `No Baton is running at ${urlOf(http)}: working on ${redisUrl === undefined ? dataDir : 'Redis'} directly.`,
    )

    return this.#offline.answer
  }
}

/** Where a Baton that listens there is reached from this machine. */
export function urlOf({ address, port }: { address: string; port: number }): string {
  if (address === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (address === '::') return `http://[::1]:${port}`

  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** Gives a command the options that all have, and runs its action with a `Cli` that is closed afterwards. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the command's options become
export function withCli<Options extends CommonOptions>(
  around: Surroundings,
  command: Command,
  where: 'store' | 'server',
  act: (cli: Cli, options: Options, args: readonly (string | undefined)[]) => Promise<void>,
): Command {
  return command
    .option('--json', 'print JSON')
    .option('--url <url>', 'the Baton to ask (default: where HTTP_LISTEN says)')
    .option('--token <token>', 'its token (default: ADMIN_TOKEN)')
    .action(async (...given: unknown[]) => {
      const options = command.opts<Options>()
      const cli = new Cli(around, options, where)
      try {
        await act(cli, options, given.slice(0, -2) as (string | undefined)[])
      } finally {
        await cli.close()
      }
    })
}
