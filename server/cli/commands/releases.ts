import { Option, type Command } from 'commander'
import type { FieldChange, ProjectView, PromotionEvent, Release } from '../../../routes/index.ts'
import { get, path, post, CommandFailure } from '../api-request.ts'
import {
  ofProject,
  projectOf,
  withContext,
  type CommandContext,
  type CommandIo,
  type ProjectOptions,
} from '../command-context.ts'
import { columns, printable, uriOf, whole } from '../terminal-text.ts'

/** A promotion, and which targets of what it runs get no call now. */
type PromotedAnswer = PromotionEvent & { warnings: { code: string; detail: string }[] }

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

/** `baton routes promote`, `rollback`, `releases` and `diff`. */
export function releaseCommands(routes: Command, io: CommandIo): void {
  withContext<ProjectOptions & PromoteOptions>(
    io,
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
    async (context, options, [positional]) => {
      const project = await projectOf(context, options, positional)
      const { env, version, keepSettings, force, message, expected, canary: percent, tolerance, sample } = options
      const canary = percent === undefined ? undefined : { percent, tolerance, sample }
      const settings = keepSettings ? 'keep' : undefined
      const body = { version, settings, force, message, expected, canary }
      const { warnings } = await context.ask<PromotedAnswer>(
        post(path`/v1/projects/${project}/environments/${env}/promote`, body),
        promotedText,
      )
      if (!options.json) for (const { detail } of warnings) context.warn(`warning: ${printable(detail)}`)
    },
  )

  withContext<ProjectOptions & { env: string; release?: number; message?: string }>(
    io,
    ofProject(routes.command('rollback [project]').description('go back to an earlier release, whole'))
      .requiredOption('--env <environment>', 'sandbox, pre-release or live')
      .addOption(new Option('--release <number>', 'the release (default: the one before)').argParser(whole))
      .option('-m, --message <text>', 'why'),
    'store',
    async (context, options, [positional]) => {
      const project = await projectOf(context, options, positional)
      const { env, message, release: wanted } = options
      await context.ask<PromotionEvent>(
        post(path`/v1/projects/${project}/environments/${env}/rollback`, { message, release: wanted }),
        ({ release, version, previousRelease }) =>
          `${env} of ${project} is back on release ${release}, version ${version} (was: release ${previousRelease ?? 'none'}).\n`,
      )
    },
  )

  withContext<ProjectOptions & { env: string }>(
    io,
    ofProject(
      routes.command('releases [project]').description('what an environment has run, newest first'),
    ).requiredOption('--env <environment>', 'sandbox, pre-release or live'),
    'store',
    async (context, options, [positional]) => {
      const project = await projectOf(context, options, positional)
      await context.ask<{ releases: Release[] }>(
        get(path`/v1/projects/${project}/environments/${options.env}/releases`),
        releasesText,
      )
    },
  )

  withContext<ProjectOptions & { env?: string }>(
    io,
    ofProject(
      routes
        .command('diff [project] [from] [to]')
        .description(
          'what changed: between two versions (two releases, with --env), or from the last one to the draft',
        ),
    ).option('--env <environment>', 'compare releases of this environment'),
    'store',
    async (context, options, positional) => {
      const [project, from, to = 'draft'] = await compared(context, options, positional)
      if (options.env !== undefined) {
        const first = from ?? (await currentRelease(context, project, options.env))
        const releases = path`/v1/projects/${project}/environments/${options.env}/releases/${first}/diff/${to}`
        await context.ask<DiffView>(get(releases), diffView)
        return
      }
      const first = from ?? (await lastVersion(context, project))
      await context.ask<DiffView>(get(path`/v1/projects/${project}/versions/${first}/diff/${to}`), diffView)
    },
  )
}

/** `baton routes compare`. */
export function compareCommand(routes: Command, io: CommandIo): void {
  withContext<ProjectOptions>(
    io,
    ofProject(
      routes
        .command('compare <from> <to>')
        .description(
          'what changes between any two: draft, a version (3), an environment (live), its release (live:2) or draft (live:draft)',
        ),
    ),
    'store',
    async (context, options, [from = '', to = '']) => {
      const project = await projectOf(context, options)
      await context.ask<DiffView>(get(path`/v1/projects/${project}/compare/${from}/${to}`), diffView)
    },
  )
}

const isVersion = (word: string): boolean => word === 'draft' || /^\d+$/.test(word)

/** `diff 1 2` or `diff demo 1 2`: a first word that is not a version is the project. */
async function compared(
  context: CommandContext,
  options: ProjectOptions,
  words: readonly (string | undefined)[],
): Promise<[string, ...(string | undefined)[]]> {
  const [first] = words
  if (first === undefined || isVersion(first)) return [await context.project(options.project), ...words]

  return [await context.project(first), ...words.slice(1)]
}

async function lastVersion(context: CommandContext, project: string): Promise<string> {
  const view = JSON.parse((await context.send(get(path`/v1/projects/${project}`))).text) as ProjectView
  if (view.lastVersion === 0) {
    throw new CommandFailure(
      `${project} has no version yet to compare the draft with. Publish one: npx baton routes publish ${project}`,
    )
  }

  return String(view.lastVersion)
}

async function currentRelease(context: CommandContext, project: string, environment: string): Promise<string> {
  const { text } = await context.send(get(path`/v1/projects/${project}/environments/${environment}`))
  const { release } = JSON.parse(text) as { release?: number }
  if (release === undefined) {
    throw new CommandFailure(`${environment} of ${project} runs nothing yet to compare the drafts with.`)
  }

  return String(release)
}

function promotedText({ project, environment, release, version, previousRelease, canary }: PromotionEvent): string {
  if (canary) {
    return `${canary.percent} % of the calls of ${environment} of ${project} run release ${canary.release}, version ${canary.version} now.\n`
  }
  const before = previousRelease === undefined ? '' : ` (before: release ${previousRelease})`

  return `${environment} of ${project} runs release ${release}, version ${version} now${before}.\n`
}

function releasesText({ releases }: { releases: Release[] }): string {
  if (releases.length === 0) return 'Nothing has been promoted yet.\n'

  return columns(
    ['RELEASE', 'VERSION', 'PROMOTED', 'BY', 'NUMBERS', 'AGENTS', 'MESSAGE'],
    releases.map(({ release, version, at, by, settings: { numbers = [], agents = [] }, message }) => [
      ...[release, version, at, by],
      ...[numbers.join(' '), agents.map(uriOf).join(' '), message],
    ]),
  )
}

interface DiffView {
  from: number | string
  to: number | string
  changes: FieldChange[]
  text: string
}

function diffView({ from, to, changes, text }: DiffView): string {
  return changes.length === 0 ? `${from} and ${to} are the same.\n` : printable(text)
}
