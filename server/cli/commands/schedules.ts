import type { Command } from 'commander'
import type { Table } from '../../../routes/index.ts'
import { withContext, type CommandContext, type CommonOptions, type CommandIo } from '../command-context.ts'
import { editDraft, fieldChanges, settable, withFields } from '../draft-edits.ts'
import { Failure } from '../failure.ts'
import { get, path, put } from '../api-request.ts'
import { columns } from '../terminal-text.ts'

interface ScheduleOptions extends CommonOptions {
  project?: string
  set?: Record<string, string>
}

type Schedules = NonNullable<Table['schedules']>

/** `baton routes schedule …`: one schedule of the draft at a time. */
export function scheduleCommands(routes: Command, io: CommandIo): void {
  const schedule = routes
    .command('schedule')
    .alias('schedules')
    .description('schedules of the draft: list, show, create, update, delete')
  const define = (
    line: string,
    description: string,
    act: (context: CommandContext, project: string, name: string, options: ScheduleOptions) => Promise<void>,
  ) =>
    withContext<ScheduleOptions>(
      io,
      schedule
        .command(line)
        .description(description)
        .option('--project <project>', 'the project (default: the only one)'),
      'store',
      async (context, options, [name = '']) => act(context, await context.project(options.project), name, options),
    )

  define('list', 'those of the draft', async (context, project) => {
    context.print({ schedules: await schedulesOf(context, project) }, schedulesText)
  })
  define('show <name>', 'one of them, as the project file has it', async (context, project, name) => {
    const { stringify } = await import('yaml')
    context.print(existing(await schedulesOf(context, project), name), (shown) => stringify(shown))
  })
  settable(
    define(
      'create <name>',
      'add one, such as: create office --set time_zone=Europe/London --set "weekly.mon=[\'09:00-17:30\']"',
      (context, project, name, { set }) =>
        editSchedules(context, { project, name, done: 'Created', set }, (schedules, changed) => {
          if (schedules.some((one) => one.name === name)) {
            throw new Failure(`The draft has a schedule "${name}" already.`)
          }

          return [...schedules, changed({ name })]
        }),
    ),
  )
  settable(
    define(
      'update <name>',
      'change fields of one; a new name is followed everywhere',
      (context, project, name, { set }) =>
        editSchedules(context, { project, name, done: 'Updated', set }, (schedules, changed) => {
          const before = existing(schedules, name)

          return schedules.map((one) => (one === before ? changed(before) : one))
        }),
    ),
  )
  define('delete <name>', 'take one out; refused while handoffs or rules name it', (context, project, name) =>
    editSchedules(context, { project, name, done: 'Deleted' }, (schedules) => {
      const gone = existing(schedules, name)

      return schedules.filter((one) => one !== gone)
    }),
  )
}

async function schedulesOf(context: CommandContext, project: string): Promise<Schedules> {
  const { text } = await context.send(get(path`/v1/projects/${project}/draft`))

  return (JSON.parse(text) as Table).schedules ?? []
}

function existing(schedules: Schedules, name: string): Schedules[number] {
  const found = schedules.find((one) => one.name === name)
  if (!found) throw new Failure(`The draft has no schedule "${name}".`)

  return found
}

interface ScheduleEdit {
  project: string
  name: string
  /** For the message, such as Created. */
  done: string
  set?: Record<string, string> | undefined
}

async function editSchedules(
  context: CommandContext,
  { project, name, done, set = {} }: ScheduleEdit,
  edit: (schedules: Schedules, changed: (before: object) => Schedules[number]) => Schedules,
): Promise<void> {
  const { isTextIn, ScheduleSchema } = await import('../lazy-routes.ts')
  const changes = await fieldChanges(set, isTextIn(ScheduleSchema))
  const changed = (before: object) => {
    const fields = Object.entries(withFields({ ...before }, changes)).filter(([, value]) => value !== null)

    return Object.fromEntries(fields) as Schedules[number]
  }
  const draft = path`/v1/projects/${project}/draft`
  await editDraft<Table>(context, draft, (table, ifMatch) => {
    const { name: newName } = changed({ name })
    const followed = newName === name ? table : renamed(table, name, newName)
    const schedules = edit(table.schedules ?? [], changed)

    return put(draft, JSON.stringify({ ...followed, schedules }), 'json', ifMatch)
  })
  context.print({ project, schedule: name }, () => `${done} ${name} in the draft of ${project}.\n`)
}

/** The table with a schedule renamed in every handoff and rule. */
function renamed({ rules, ...table }: Table, from: string, to: string): Table {
  const handoffs = table.handoffs.map((one) => (one.schedule === from ? { ...one, schedule: to } : one))
  const followed = rules?.map((rule) =>
    rule.when?.schedule === from ? { ...rule, when: { ...rule.when, schedule: to } } : rule,
  )

  return { ...table, handoffs, ...(followed && { rules: followed }) }
}

function schedulesText({ schedules }: { schedules: Schedules }): string {
  if (schedules.length === 0) return 'No schedules.\n'

  return columns(
    ['SCHEDULE', 'TIME ZONE', 'OPEN', 'HOLIDAYS', 'OVERRIDES', 'DESCRIPTION'],
    schedules.map(({ name, time_zone, weekly = {}, holidays = [], overrides = [], description }) => [
      ...[name, time_zone],
      Object.entries(weekly)
        .map(([day, hours]) => `${day} ${hours.join(' ')}`)
        .join(', '),
      ...[holidays.length, overrides.length, description],
    ]),
  )
}
