import type { Command } from 'commander'
import type { Settings } from '../../config/index.ts'
import type { ProjectView } from '../../routes/index.ts'
import { apiAddress, urlOf, ApiClient } from './api-client.ts'
import { get, type ApiAnswer, type ApiRequest, CommandFailure } from './api-request.ts'
import type { Offline } from './offline.ts'

/** The environment and the output of the command line's process. */
export interface CommandIo {
  env: Record<string, string | undefined>
  out(text: string): void
  /** Output that is no text. */
  bytes?(bytes: Uint8Array): void
  err(text: string): void
  /** All of standard input. */
  input?(): Promise<string>
}

/** Options of every command. */
export interface CommonOptions {
  json?: true
  url?: string
  token?: string
}

/** One run of a command: its options, its output and the API that answers its requests. */
export class CommandContext {
  readonly options: CommonOptions
  readonly #io: CommandIo
  readonly #where: 'store' | 'server'
  #client: Promise<ApiClient> | undefined
  #offline: Offline | undefined

  /** @param where `store`: without a running Baton, this process answers from the store; `server`: a Baton must run */
  constructor(io: CommandIo, options: CommonOptions, where: 'store' | 'server') {
    this.#io = io
    this.options = options
    this.#where = where
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    return (await (this.#client ??= this.#connect())).send(request)
  }

  /** Sends the request and prints its answer: as JSON with `--json`, else as `show` formats it. */
  async ask<Answer>(request: ApiRequest, show: (answer: Answer) => string): Promise<Answer> {
    const answer = JSON.parse((await this.send(request)).text) as Answer
    this.print(answer, show)

    return answer
  }

  print<Answer>(answer: Answer, show: (answer: Answer) => string): void {
    this.#io.out(this.options.json ? `${JSON.stringify(answer, null, 2)}\n` : show(answer))
  }

  text(text: string): void {
    this.#io.out(text)
  }

  bytes(bytes: Uint8Array): void {
    this.#io.bytes?.(bytes)
  }

  warn(text: string): void {
    this.#io.err(`${text}\n`)
  }

  /** The named project, else the only one. */
  async project(named: string | undefined): Promise<string> {
    if (named !== undefined) return named
    const { projects } = JSON.parse((await this.send(get('/v1/projects'))).text) as { projects: ProjectView[] }
    const [only, another] = projects.map(({ project }) => project)
    if (only === undefined) {
      throw new CommandFailure('There is no project yet. Import one: npx baton routes import FILE')
    }
    if (another !== undefined) {
      throw new CommandFailure(
        `Which project? Say --project ${projects.map(({ project }) => project).join(' or --project ')}.`,
      )
    }

    return only
  }

  async close(): Promise<void> {
    await this.#offline?.close()
  }

  async #connect(): Promise<ApiClient> {
    const { url, token } = this.options
    const { env } = this.#io
    if (url !== undefined) return new ApiClient({ url, token: token ?? env.ADMIN_TOKEN })
    const at = (await apiAddress(env)) ?? addressIn(await settingsOf(this.#io))

    return new ApiClient({
      url: at.url,
      token: token ?? at.token,
      offline: this.#where === 'store' ? () => this.#openOffline(at.url) : undefined,
    })
  }

  async #openOffline(url: string): Promise<Offline['answer']> {
    const [settings, { openOffline }] = [await settingsOf(this.#io), await import('./offline.ts')]
    const { redisUrl, dataDir } = settings
    const opened = await openOffline(settings, (message) => this.warn(message))
    if (typeof opened === 'string') throw new CommandFailure(opened)
    this.#offline = opened
    this.warn(`No Baton is running at ${url}: working on ${redisUrl === undefined ? dataDir : 'Redis'} directly.`)

    return this.#offline.answer
  }
}

/** @throws CommandFailure with every mistake of the settings */
export async function settingsOf({ env }: Pick<CommandIo, 'env'>): Promise<Settings> {
  const { ConfigError, loadSettings } = await import('../../config/index.ts')
  try {
    return loadSettings({ env })
  } catch (error) {
    throw error instanceof ConfigError ? new CommandFailure(error.message) : error
  }
}

function addressIn({ http }: Settings): { url: string; token: string | undefined } {
  return { url: urlOf(http.address, http.port), token: http.adminToken }
}

/** Adds the common options to a command, and runs its action with a context that is closed afterwards. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the command's options become
export function withContext<Options extends CommonOptions>(
  io: CommandIo,
  command: Command,
  where: 'store' | 'server',
  act: (context: CommandContext, options: Options, args: readonly (string | undefined)[]) => Promise<void>,
): Command {
  return command
    .option('--json', 'print JSON')
    .option('--url <url>', 'the Baton to ask (default: where HTTP_LISTEN says)')
    .option('--token <token>', 'its token (default: ADMIN_TOKEN)')
    .action(async (...given: unknown[]) => {
      const options = command.opts<Options>()
      const context = new CommandContext(io, options, where)
      try {
        await act(context, options, given.slice(0, -2) as (string | undefined)[])
      } finally {
        await context.close()
      }
    })
}

/** Options of every command on one project. */
export interface ProjectOptions extends CommonOptions {
  project?: string
}

export function ofProject(command: Command): Command {
  return command.option('--project <project>', 'the project (default: the only one)')
}

/** The project of a command: that of its argument, that of `--project`, or the only one. */
export function projectOf(context: CommandContext, options: ProjectOptions, positional?: string): Promise<string> {
  return context.project(positional ?? options.project)
}

/** `withContext` for the commands of `ofProject`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the command's options become
export function withProject<Options extends ProjectOptions>(
  io: CommandIo,
  command: Command,
  act: (context: CommandContext, project: string, args: readonly string[], options: Options) => Promise<unknown>,
): Command {
  return withContext<Options>(io, command, 'store', async (context, options, given) => {
    await act(
      context,
      await context.project(options.project),
      given.map((arg) => arg ?? ''),
      options,
    )
  })
}
