import { readFile, writeFile } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import type { DocumentType, LintFinding, ProjectView, StoredProject, VersionSummary } from '../../../routes/index.ts'
import { get, path, post, put, CommandFailure } from '../api-request.ts'
import {
  ofProject,
  projectOf,
  withContext,
  type CommandIo,
  type CommonOptions,
  type ProjectOptions,
} from '../command-context.ts'
import type { HistoryView } from '../lazy-routes.ts'
import { columns, printable, uriOf, whole } from '../terminal-text.ts'
import { settingsCommands } from './environment-lists.ts'
import { handoffCommands } from './handoffs.ts'
import { compareCommand, releaseCommands } from './releases.ts'
import { scheduleCommands } from './schedules.ts'

/** `baton routes …`: project files, drafts, versions and the history. */
export function routesCommands(program: Command, io: CommandIo): void {
  const routes = program.command('routes').description('routing tables: import, publish, promote, roll back, compare')

  withContext<ProjectOptions>(
    io,
    ofProject(
      routes
        .command('import <file>')
        .description('store a project file as drafts, of the table and of each environment’s settings'),
    ),
    'store',
    async (context, options, [file = '']) => {
      const { storedText } = await import('../lazy-routes.ts')
      const { bytes, type } = await read(file)
      const project = options.project ?? (await projectIn(bytes.toString())) ?? 'unnamed'
      await context.ask<StoredProject>(put(path`/v1/projects/${project}`, bytes, type), (view) =>
        storedText(file, view),
      )
    },
  )

  withContext<ProjectOptions & { out?: string }>(
    io,
    ofProject(routes.command('export [project]').description('print the project file')).option(
      '--out <file>',
      'write it there',
    ),
    'store',
    async (context, options, [positional]) => {
      const { text } = await context.send(get(path`/v1/projects/${await projectOf(context, options, positional)}/file`))
      if (options.out === undefined) context.text(text)
      else await write(options.out, text)
    },
  )

  withContext<CommonOptions>(
    io,
    routes.command('validate <file>').description('check a project file without storing it'),
    'store',
    async (context, _options, [file = '']) => {
      const { describeProblem, mistakesOf } = await import('../lazy-routes.ts')
      const problems = mistakesOf(await read(file))
      context.print({ file, valid: problems.length === 0, errors: problems }, () =>
        problems.length === 0
          ? `${file} is valid.\n`
          : problems.map((problem) => `${file}: ${describeProblem(problem)}\n`).join(''),
      )
      if (problems.length > 0) {
        throw new CommandFailure(`${file} has ${problems.length} mistake${problems.length === 1 ? '' : 's'}.`)
      }
    },
  )

  withContext<ProjectOptions>(
    io,
    ofProject(routes.command('show [project]').description('environments, what they run, and the versions')),
    'store',
    async (context, options, [positional]) => {
      const project = await projectOf(context, options, positional)
      const { versions } = JSON.parse((await context.send(get(path`/v1/projects/${project}/versions`))).text) as {
        versions: VersionSummary[]
      }
      const view = JSON.parse((await context.send(get(path`/v1/projects/${project}`))).text) as ProjectView
      context.print({ ...view, versions }, projectText)
    },
  )

  withContext<ProjectOptions & { message?: string }>(
    io,
    ofProject(routes.command('publish [project]').description('make the draft the next version')).option(
      '-m, --message <text>',
      'why',
    ),
    'store',
    async (context, options, [positional]) => {
      const project = await projectOf(context, options, positional)
      await context.ask<VersionSummary>(
        post(path`/v1/projects/${project}/versions`, { message: options.message }),
        ({ version, sameAs, next = 'live' }) =>
          `Published version ${version} of ${project}${sameAs === undefined ? '' : ` (the same table as version ${sameAs})`}.\n` +
          `Next: npx baton routes promote ${project} --env ${next} --version ${version}\n`,
      )
    },
  )

  releaseCommands(routes, io)
  compareCommand(routes, io)

  withContext<ProjectOptions>(
    io,
    ofProject(
      routes
        .command('lint [project]')
        .description('what is to be said of the draft; fails when it cannot be published'),
    ),
    'store',
    async (context, options, [positional]) => {
      const project = await projectOf(context, options, positional)
      const { findings } = await context.ask<LintView>(get(path`/v1/projects/${project}/draft/lint`), lintText)
      if (findings.some(({ severity }) => severity === 'error')) {
        throw new CommandFailure(`The draft of ${project} cannot be published.`)
      }
    },
  )

  handoffCommands(routes, io)
  scheduleCommands(routes, io)
  settingsCommands(routes, io)

  withContext<ProjectOptions & { limit?: number }>(
    io,
    ofProject(
      routes
        .command('history [project]')
        .description('who changed what, when, from where and why, with the values before and after'),
    ).addOption(new Option('--limit <number>', 'how many').argParser(whole)),
    'store',
    async (context, options, [positional]) => {
      const project = await projectOf(context, options, positional)
      const { historyText } = await import('../lazy-routes.ts')
      await context.ask<HistoryView>(get(path`/v1/projects/${project}/history`, { limit: options.limit }), historyText)
    },
  )
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new CommandFailure(`${file} cannot be written: ${(error as Error).message}`)
  }
}

async function read(file: string): Promise<{ bytes: Buffer; type: DocumentType }> {
  try {
    return {
      bytes: await readFile(file === '-' ? '/dev/stdin' : file),
      type: file.endsWith('.json') ? 'json' : 'yaml',
    }
  } catch (error) {
    throw new CommandFailure(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** The project's name in a file; undefined when the file cannot be parsed, which storing it reports. */
async function projectIn(text: string): Promise<string | undefined> {
  const { parse } = await import('yaml')
  try {
    const { project } = parse(text) as { project?: unknown }

    return typeof project === 'string' ? project : undefined
  } catch {
    return undefined
  }
}

interface LintView {
  findings: LintFinding[]
}

function lintText({ findings }: LintView): string {
  if (findings.length === 0) return 'Nothing to say of it.\n'

  return findings
    .map(({ severity, pointer, problem, hint, code }) => {
      const why = hint === undefined ? '' : `; ${hint}`

      return `${severity.padEnd(8)}${printable(`${pointer}: ${problem}${why}`)} (${code})\n`
    })
    .join('')
}

function projectText({ project, environments, versions }: ProjectView & { versions: VersionSummary[] }): string {
  const running = Object.entries(environments).map(([name, environment]) => {
    const { release = 'none', version = 'none', canary, numbers = [], agents = [] } = environment
    const runs = canary ? `${version}, ${canary.percent} % ${canary.version}` : version

    return [name, release, runs, numbers.join(' '), agents.map(uriOf).join(' ')]
  })
  const published = versions.map(({ version, publishedAt, by, message }) => [version, publishedAt, by, message])

  return [
    `${project}\n`,
    columns(['ENVIRONMENT', 'RELEASE', 'VERSION', 'NUMBERS', 'AGENTS'], running),
    published.length === 0
      ? 'Nothing is published yet.\n'
      : columns(['VERSION', 'PUBLISHED', 'BY', 'MESSAGE'], published),
  ].join('\n')
}
