import { InvalidArgumentError, type Command } from 'commander'
import type { NewSwitch, SwitchView } from '../../../routes/index.ts'
import {
  ofProject,
  withContext,
  type CommandContext,
  type CommandIo,
  type CommonOptions,
  type ProjectOptions,
} from '../command-context.ts'
import { del, get, path, post, CommandFailure } from '../api-request.ts'
import { columns } from '../terminal-text.ts'

interface SwitchOptions extends ProjectOptions {
  env: string
  schedule?: string
  until?: string
  reason: string
}

type Action = SwitchView['action']

/** `baton close|open|divert …` and `baton switches …`: what an operator changes at once, for a time. */
export function switchesCommands(program: Command, io: CommandIo): void {
  setCommand(
    program.command('close [handoff]').description('close a handoff or a schedule now, for a time'),
    io,
    'close',
  )
  setCommand(
    program.command('open [handoff]').description('open a handoff or a schedule now, also outside its hours'),
    io,
    'open',
  )
  setCommand(
    program
      .command('divert <from-or-to> [to]')
      .description('send the callers of a handoff to another one: divert FROM TO, or divert TO --schedule NAME'),
    io,
    'divert',
  )

  const switches = program.command('switches').description('switches in force: list, remove')
  withContext<CommonOptions & { project?: string }>(
    io,
    ofProject(switches.command('list', { isDefault: true }).description('those of every environment, newest first')),
    'store',
    async (context, options) => {
      const project = await context.project(options.project)
      await context.ask<{ switches: ListedSwitch[] }>(get(path`/v1/projects/${project}/switches`), switchesText)
    },
  )
  withContext<SwitchOptions>(
    io,
    inEnvironment(switches.command('remove <id>').description('remove one before it expires')),
    'store',
    async (context, { env, project: named }, [id = '']) => {
      const project = await context.project(named)
      await context.ask(
        del(path`/v1/projects/${project}/environments/${env}/switches/${id}`),
        () => `Removed switch ${id} of ${env} of ${project}.\n`,
      )
    },
  )
}

type ListedSwitch = SwitchView & { environment: string }

function setCommand(command: Command, io: CommandIo, action: Action): void {
  inEnvironment(command)
    .option('--schedule <schedule>', 'for all handoffs of a schedule, in the place of one handoff')
    .option(
      '--until <time>',
      'ISO 8601, next_opening, or so long from now: 30m, 2h, 1d (default: until it is removed)',
      endOf,
    )
    .option('-m, --reason <text>', 'why, for colleagues and the history', '')
  withContext<SwitchOptions>(io, command, 'store', async (context, options, names) => {
    await set(
      context,
      action,
      options,
      names.filter((name) => name !== undefined),
    )
  })
}

async function set(
  context: CommandContext,
  action: Action,
  { project: named, env, schedule, until, reason }: SwitchOptions,
  names: readonly string[],
): Promise<void> {
  const [to] = action === 'divert' ? names.slice(-1) : []
  const [handoff] = action === 'divert' ? names.slice(0, -1) : names
  if ((handoff === undefined) === (schedule === undefined)) {
    throw new CommandFailure(`Say what to ${action}: a handoff, or a schedule by --schedule.`)
  }
  const project = await context.project(named)
  const body = { handoff, schedule, action, to, until, reason }
  await context.ask<NewSwitch>(post(path`/v1/projects/${project}/environments/${env}/switches`, body), (made) =>
    [`${doneText(made)} in ${env} of ${project} ${endText(made)} (switch ${made.id}).`, ...made.notes, ''].join('\n'),
  )
}

function inEnvironment(command: Command): Command {
  return ofProject(command).requiredOption('--env <environment>', 'sandbox, pre-release or live')
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The end of a switch as the API takes it. */
function endOf(given: string): string {
  const [, amount, unit = ''] = /^(\d{1,4})([mhd])$/.exec(given) ?? []
  if (amount !== undefined) return new Date(Date.now() + Number(amount) * (unitMs[unit] ?? 0)).toISOString()
  if (given === 'next_opening') return given
  if (Number.isNaN(Date.parse(given))) {
    throw new InvalidArgumentError('Write a time such as 2026-12-24T18:00:00Z, next_opening, 30m, 2h or 1d.')
  }

  return new Date(given).toISOString()
}

function doneText({ action, handoff, schedule, to = '' }: SwitchView): string {
  const subject = handoff ?? `schedule ${schedule ?? ''}`

  return action === 'divert'
    ? `Callers of ${subject} go to ${to}`
    : `${action === 'close' ? 'Closed' : 'Opened'} ${subject}`
}

function endText({ until }: SwitchView): string {
  return until === undefined ? 'until the switch is removed' : `until ${until}`
}

function switchesText({ switches }: { switches: ListedSwitch[] }): string {
  if (switches.length === 0) return 'No switches.\n'

  return columns(
    ['ID', 'ENVIRONMENT', 'FOR', 'ACTION', 'UNTIL', 'BY', 'STATE', 'REASON'],
    switches.map(({ id, environment, handoff, schedule, action, to, until, by, overriddenBy, reason }) => [
      ...[id, environment, handoff ?? `schedule ${schedule ?? ''}`, to === undefined ? action : `${action} to ${to}`],
      ...[until, by, overriddenBy === undefined ? 'in force' : `under ${overriddenBy}`, reason || undefined],
    ]),
  )
}
