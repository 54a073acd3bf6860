import { Option, type Command } from 'commander'
import type { Static } from 'typebox'

import { ladderText } from '../../calls/ladder-text.ts'
import type { AllRehearsalsView, RehearsalView } from '../../rehearsal/index.ts'
import { ofProject, withContext, type CommandIo, type ProjectOptions } from '../command-context.ts'
import { path, post, CommandFailure } from '../api-request.ts'
import { pairs, whole, printable } from '../terminal-text.ts'
import type { ExplainView } from '../../api/index.ts'

interface TryOptions extends ProjectOptions {
  env: string
  caller?: string
  called?: string
  header?: Record<string, string>
  var?: Record<string, string>
  reason?: string
  at?: string
  trunk?: string
  version?: number
  draft?: true
  all?: true
  synthetic?: true
}

/** `baton explain` and `baton rehearse`: trials of a handoff without a caller. */
export function tryCommands(program: Command, io: CommandIo): void {
  const tried = (command: Command) =>
    ofProject(command)
      .option('--env <environment>', 'sandbox, pre-release or live', 'sandbox')
      .option('--caller <number>', 'the number that seems to call')
      .option('--header <name=value>', 'an X- header of the inbound call; may be repeated', pairs)

  withContext<TryOptions>(
    io,
    tried(program.command('explain <project-or-handoff> [handoff]'))
      .description('what a transfer would do: plan, headers, the bytes on the wire')
      .option('--called <number>', 'the number that was dialled (default: the environment’s first)')
      .option('--var <name=value>', 'a variable for header templates; may be repeated', pairs)
      .option('--reason <text>', 'why the agent asks')
      .option('--trunk <name>', 'the trunk that the call comes in by (default: the first)')
      .addOption(versionOption())
      .option('--draft', 'the drafts of the table and of the settings, as a promotion would have them run')
      .option('--at <time>', 'the moment of the call, ISO 8601 (default: now)'),
    'store',
    async (context, options, args) => {
      const [project, handoff] = named(args, options)
      const { env: environment, caller, called, header: headers, var: variables, reason, at, trunk } = options
      const { version, draft } = options
      await context.ask<Explained>(
        post(path`/v1/projects/${await context.project(project)}/explain`, {
          environment,
          handoff,
          version,
          draft,
          reason,
          at,
          call: { caller, called, headers, variables, trunk },
        }),
        explainText,
      )
    },
  )

  withContext<TryOptions & { destination: string }>(
    io,
    tried(program.command('rehearse [project-or-handoff] [handoff]'))
      .description('prove a handoff, or all of them, with calls over real SIP')
      .option('--all', 'every handoff that is in use')
      .addOption(versionOption())
      .option('--draft', 'the drafts of the table and of the settings, as a promotion would have them run')
      .option(
        '--at <time>',
        'the moment that schedules and rules see, ISO 8601 (default: the handoff itself, be it open or closed)',
      )
      .addOption(new Option('--destination <who>', 'who takes the call').choices(['synthetic', 'real']).default('real'))
      .option('--synthetic', 'a destination of Baton’s own takes the call, and no person is rung'),
    'server',
    async (context, options, args) => {
      const { all, env: environment, caller, header: headers, version, draft, at } = options
      const [project, handoff] = all ? [args[0] ?? options.project, undefined] : named(args, options)
      const destination = options.synthetic ? 'synthetic' : options.destination
      if (handoff === '') throw new CommandFailure('Name a handoff, or rehearse all of them with --all.')
      const body = { environment, all, handoff, version, draft, at, caller, headers, destination }
      const { verdict, cause } = await context.ask<RehearsalView | AllRehearsalsView>(
        post(path`/v1/projects/${await context.project(project)}/rehearsals`, body),
        (told) => ('rehearsals' in told ? allRehearsalsText(told) : rehearsalText(told, ladderText(told.ladder))),
      )
      if (verdict !== 'passed') throw new CommandFailure(`The rehearsal has failed: ${cause}`)
    },
  )
}

const versionOption = (): Option =>
  new Option('--version <number>', 'a version of the table (default: the one that runs)')
    .argParser(whole)
    .conflicts('draft')

/** `PROJECT HANDOFF`, or `HANDOFF` alone. */
function named(
  args: readonly (string | undefined)[],
  options: TryOptions,
): [project: string | undefined, handoff: string] {
  const [first = '', second] = args

  return second === undefined ? [options.project, first] : [first, second]
}

type Explained = Static<typeof ExplainView>

function explainText(explained: Explained): string {
  const { project, environment, requested, matched, handoff, rule, deadline, trunk, attempts, warnings } = explained
  const version = `${explained.draft ? 'the draft of version' : 'version'} ${explained.version}`
  const why = matched === 'hit' ? '' : ` (the default: there is no open "${requested}")`
  const lines = [
    `${project} ${environment}, ${version}, trunk ${trunk}: ${handoff}${why}${rule === undefined ? '' : `, by rule ${rule}`}, within ${deadline} s`,
    ...attempts.flatMap((attempt, at) => attemptLines(attempt, at + 1)),
    ...warnings.map(({ code, detail }) => `warning ${code}: ${detail}`),
  ]

  return `${lines.map(printable).join('\n')}\n`
}

function attemptLines(attempt: Explained['attempts'][number], number: number): string[] {
  const { handoff, method, target, referTo, headers, fallback, messages } = attempt

  return [
    '',
    `${number}. ${method} ${target || 'the caller back'} (${handoff})${method === 'refer' && fallback === 'invite' ? ', bridged when REFER is refused' : ''}`,
    ...(referTo === undefined ? [] : [`   Refer-To: ${referTo}`]),
    ...Object.entries(headers).map(([name, value]) => `   ${name}: ${value}`),
    ...messages.flatMap(({ method: sent, to, bytes, text }) => [
      `   ${sent.toUpperCase()} to the ${to}, ${bytes} bytes:`,
      ...Buffer.from(text, 'latin1')
        .toString()
        .trimEnd()
        .split('\r\n')
        .map((line) => `   | ${line}`),
    ]),
  ]
}

function rehearsalText(rehearsal: RehearsalView, ladder: string): string {
  const { headersReceived, timings } = rehearsal
  const headers = Object.entries(headersReceived).map(([name, value]) => `  ${printable(`${name}: ${value}`)}\n`)
  const times = Object.entries(timings).map(([name, seconds]) => `${name} ${seconds.toFixed(3)} s`)

  return [
    ladder,
    '\n',
    ...(headers.length === 0 ? [] : ['The destination received:\n', ...headers]),
    ...(times.length === 0 ? [] : [`Times: ${times.join(', ')}\n`]),
    `${verdictLine(rehearsal)}\n`,
  ].join('')
}

/** One line for each handoff, and the verdict over all. */
function allRehearsalsText({ rehearsals, verdict, cause }: AllRehearsalsView): string {
  return `${rehearsals.map((one) => `${verdictLine(one)}\n`).join('')}${verdict.toUpperCase()}: ${cause}\n`
}

function verdictLine({ project, environment, version, draft, handoff, verdict, cause }: RehearsalView): string {
  const table = draft ? 'draft' : `version ${version}`

  return `${verdict.toUpperCase()}: ${handoff} of ${project} ${environment}, ${table}: ${printable(cause)}`
}
