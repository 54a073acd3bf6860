import { readFile, writeFile } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import type {
  DocumentType,
  ProjectView,
  PromotionEvent,
  Release,
  StoredProject,
  VersionSummary,
} from '../../../routes/index.ts'
import { withContext, type CommandContext, type CommonOptions, type CommandProcess } from '../command-context.ts'
import { Failure } from '../failure.ts'
import type { HistoryView } from '../lazy-routes.ts'
import { get, path, post, put } from '../api-request.ts'
import { handoffCommands } from './handoffs.ts'
import { scheduleCommands } from './schedules.ts'
import { settingsCommands } from './environment-lists.ts'
import {
  diffView,
  lintText,
  projectText,
  promotedText,
  releasesText,
  type DiffView,
  type LintView,
} from '../routes-text.ts'
import { whole } from '../terminal-text.ts'

interface ProjectOptions extends CommonOptions {
  project?: string
}

interface PromoteOptions {
  env: string
  version?: number
  keepSettings?: boolean
  force?: string
  message?: string
  expected?: number
  canary?: number
  tolerance?: number
  sample?: number
}

/** `baton routes …`: routing tables from file to environment and back. */
export function routesCommands(program: Command, around: CommandProcess): void {
  const routes = program.command('routes').description('routing tables: import, publish, promote, roll back, compare')
  const ofProject = (command: Command) => command.option('--project <project>', 'the project (default: the only one)')
  const named = (cli: CommandContext, options: ProjectOptions, positional?: string) =>
    cli.project(positional ?? options.project)

  withContext<ProjectOptions>(
    around,
    ofProject(
      routes
        .command('import <file>')
        .description('store a project file as drafts, of the table and of each environment’s settings'),
    ),
    'store',
    async (cli, options, [file = '']) => {
      const { storedText } = await import('../lazy-routes.ts')
      const { bytes, type } = await read(file)
      const project = options.project ?? (await projectIn(bytes.toString())) ?? 'unnamed'
      await cli.ask<StoredProject>(put(path`/v1/projects/${project}`, bytes, type), (view) => storedText(file, view))
    },
  )

  withContext<ProjectOptions & { out?: string }>(
    around,
    ofProject(routes.command('export [project]').description('print the project file')).option(
      '--out <file>',
      'write it there',
    ),
    'store',
    async (cli, options, [positional]) => {
      const { text } = await cli.send(get(path`/v1/projects/${await named(cli, options, positional)}/file`))
      if (options.out === undefined) cli.text(text)
      else await write(options.out, text)
    },
  )

  withContext<CommonOptions>(
    around,
    routes.command('validate <file>').description('check a project file without storing it'),
    'store',
    async (cli, _options, [file = '']) => {
      const { describeProblem, mistakesOf } = await import('../lazy-routes.ts')
      const problems = mistakesOf(await read(file))
      cli.print({ file, valid: problems.length === 0, errors: problems }, () =>
        problems.length === 0
          ? `${file} is valid.\n`
          : problems.map((problem) => `${file}: ${describeProblem(problem)}\n`).join(''),
      )
      if (problems.length > 0)
        throw new Failure(`${file} has ${problems.length} mistake${problems.length === 1 ? '' : 's'}.`)
    },
  )

  withContext<ProjectOptions>(
    around,
    ofProject(routes.command('show [project]').description('environments, what they run, and the versions')),
    'store',
    async (cli, options, [positional]) => {
      const project = await named(cli, options, positional)
      const { versions } = JSON.parse((await cli.send(get(path`/v1/projects/${project}/versions`))).text) as {
        versions: VersionSummary[]
      }
      const view = JSON.parse((await cli.send(get(path`/v1/projects/${project}`))).text) as ProjectView
      cli.print({ ...view, versions }, projectText)
    },
  )

  withContext<ProjectOptions & { message?: string }>(
    around,
    ofProject(routes.command('publish [project]').description('make the draft the next version')).option(
      '-m, --message <text>',
      'why',
    ),
    'store',
    async (cli, options, [positional]) => {
      const project = await named(cli, options, positional)
      await cli.ask<VersionSummary>(
        post(path`/v1/projects/${project}/versions`, { message: options.message }),
        ({ version, sameAs, next = 'live' }) =>
          `Published version ${version} of ${project}${sameAs === undefined ? '' : ` (the same table as version ${sameAs})`}.\n` +
          `Next: npx baton routes promote ${project} --env ${next} --version ${version}\n`,
      )
    },
  )

  withContext<ProjectOptions & PromoteOptions>(
    around,
    ofProject(
      routes
        .command('promote [project]')
        .description('make a release of a version and the settings, and let an environment’s new calls run it'),
    )
      .requiredOption('--env <environment>', 'sandbox, pre-release or live')
      .addOption(new Option('--version <number>', 'the version (default: the one that it runs)').argParser(whole))
      .option('--keep-settings', 'with the settings that it runs, not with their draft')
      .option('--force <reason>', 'although handoffs of the version cannot be called; history keeps the reason')
      .addOption(new Option('--expected <number>', 'only while the environment runs this version').argParser(whole))
      .addOption(new Option('--canary <percent>', 'only for this share of the calls').argParser(whole))
      .addOption(new Option('--tolerance <points>', 'how much worse a canary may do (default: 10)').argParser(whole))
      .addOption(new Option('--sample <transfers>', 'how many before it is judged (default: 20)').argParser(whole))
      .option('-m, --message <text>', 'why'),
    'store',
    async (cli, options, [positional]) => {
      const project = await named(cli, options, positional)
      const { env, version, keepSettings, force, message, expected, canary: percent, tolerance, sample } = options
      const canary = percent === undefined ? undefined : { percent, tolerance, sample }
      const settings = keepSettings ? 'keep' : undefined
      const wish = { version, settings, force, message, expected, canary }
      await cli.ask<PromotionEvent>(post(path`/v1/projects/${project}/environments/${env}/promote`, wish), promotedText)
    },
  )

  withContext<ProjectOptions & { env: string; release?: number; message?: string }>(
    around,
    ofProject(routes.command('rollback [project]').description('go back to an earlier release, whole'))
      .requiredOption('--env <environment>', 'sandbox, pre-release or live')
      .addOption(new Option('--release <number>', 'the release (default: the one before)').argParser(whole))
      .option('-m, --message <text>', 'why'),
    'store',
    async (cli, options, [positional]) => {
      const project = await named(cli, options, positional)
      const { env, message, release: wanted } = options
      await cli.ask<PromotionEvent>(
        post(path`/v1/projects/${project}/environments/${env}/rollback`, { message, release: wanted }),
        ({ release, version, previousRelease }) =>
          `${env} of ${project} is back on release ${release}, version ${version} (was: release ${previousRelease ?? 'none'}).\n`,
      )
    },
  )

  withContext<ProjectOptions & { env: string }>(
    around,
    ofProject(
      routes.command('releases [project]').description('what an environment has run, newest first'),
    ).requiredOption('--env <environment>', 'sandbox, pre-release or live'),
    'store',
    async (cli, options, [positional]) => {
      const project = await named(cli, options, positional)
      await cli.ask<{ releases: Release[] }>(
        get(path`/v1/projects/${project}/environments/${options.env}/releases`),
        releasesText,
      )
    },
  )

  withContext<ProjectOptions & { env?: string }>(
    around,
    ofProject(
      routes
        .command('diff [project] [from] [to]')
        .description(
          'what changed: between two versions (two releases, with --env), or from the last one to the draft',
        ),
    ).option('--env <environment>', 'compare releases of this environment'),
    'store',
    async (cli, options, positional) => {
      const [project, from, to = 'draft'] = await compared(cli, options, positional)
      if (options.env !== undefined) {
        const first = from ?? (await currentRelease(cli, project, options.env))
        const releases = path`/v1/projects/${project}/environments/${options.env}/releases/${first}/diff/${to}`
        await cli.ask<DiffView>(get(releases), diffView)
        return
      }
      const first = from ?? (await lastVersion(cli, project))
      await cli.ask<DiffView>(get(path`/v1/projects/${project}/versions/${first}/diff/${to}`), diffView)
    },
  )

  withContext<ProjectOptions>(
    around,
    ofProject(
      routes
        .command('lint [project]')
        .description('what is to be said of the draft; fails when it cannot be published'),
    ),
    'store',
    async (cli, options, [positional]) => {
      const project = await named(cli, options, positional)
      const { findings } = await cli.ask<LintView>(get(path`/v1/projects/${project}/draft/lint`), lintText)
      if (findings.some(({ severity }) => severity === 'error'))
        throw new Failure(`The draft of ${project} cannot be published.`)
    },
  )

  handoffCommands(routes, around)
  scheduleCommands(routes, around)
  settingsCommands(routes, around)

  withContext<ProjectOptions & { limit?: number }>(
    around,
    ofProject(
      routes
        .command('history [project]')
        .description('who changed what, when, from where and why, with the values before and after'),
    ).addOption(new Option('--limit <number>', 'how many').argParser(whole)),
    'store',
    async (cli, options, [positional]) => {
      const project = await named(cli, options, positional)
      const { historyText } = await import('../lazy-routes.ts')
      await cli.ask<HistoryView>(get(path`/v1/projects/${project}/history`, { limit: options.limit }), historyText)
    },
  )
}

const isVersion = (word: string): boolean => word === 'draft' || /^\d+$/.test(word)

/** `diff 1 2`, `diff demo 1 2`: what is no version is the project. */
async function compared(
  cli: CommandContext,
  options: ProjectOptions,
  words: readonly (string | undefined)[],
): Promise<[string, ...(string | undefined)[]]> {
  const [first] = words
  if (first === undefined || isVersion(first)) return [await cli.project(options.project), ...words]

  return [await cli.project(first), ...words.slice(1)]
}

async function lastVersion(cli: CommandContext, project: string): Promise<string> {
  const view = JSON.parse((await cli.send(get(path`/v1/projects/${project}`))).text) as ProjectView
  if (view.lastVersion === 0)
    throw new Failure(
      `${project} has no version yet to compare the draft with. Publish one: npx baton routes publish ${project}`,
    )

  return String(view.lastVersion)
}

async function currentRelease(cli: CommandContext, project: string, environment: string): Promise<string> {
  const { text } = await cli.send(get(path`/v1/projects/${project}/environments/${environment}`))
  const { release } = JSON.parse(text) as { release?: number }
  if (release === undefined)
    throw new Failure(`${environment} of ${project} runs nothing yet to compare the drafts with.`)

  return String(release)
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${(error as Error).message}`)
  }
}

async function read(file: string): Promise<{ bytes: Buffer; type: DocumentType }> {
  try {
    return {
      bytes: await readFile(file === '-' ? '/dev/stdin' : file),
      type: file.endsWith('.json') ? 'json' : 'yaml',
    }
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** The project that a file says it is of; what is wrong with the file is said when it is stored. */
async function projectIn(text: string): Promise<string | undefined> {
  const { parse } = await import('yaml')
  try {
    const { project } = parse(text) as { project?: unknown }

    return typeof project === 'string' ? project : undefined
  } catch {
    return undefined
  }
}
