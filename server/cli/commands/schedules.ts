import type { Command } from 'commander'
import type { Table } from '../../../routes/index.ts'
import { ofProject, withProject, type CommandContext, type CommandIo, type ProjectOptions } from '../command-context.ts'
import { editDraft, fieldChanges, settable, withFields, type FieldChanges } from '../draft-edits.ts'
import { del, get, patch, path, post, CommandFailure } from '../api-request.ts'
import { columns } from '../terminal-text.ts'

interface ScheduleOptions extends ProjectOptions {
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
    withProject<ScheduleOptions>(
      io,
      ofProject(schedule.command(line).description(description)),
      (context, project, [name = ''], options) => act(context, project, name, options),
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
      async (context, project, name, { set }) =>
        context.ask(
          post(path`/v1/projects/${project}/draft/schedules`, { name, ...withFields({}, await changesOf(set)) }),
          () => `Created ${name} in the draft of ${project}.\n`,
        ),
    ),
  )
  settable(
    define(
      'update <name>',
      'change fields of one; a new name is followed everywhere',
      async (context, project, name, { set }) => {
        const changes = await changesOf(set)
        await editDraft<Table>(context, path`/v1/projects/${project}/draft`, ({ schedules = [] }, ifMatch) => {
          const after = withFields({ ...existing(schedules, name) }, changes)
          const touched = Object.fromEntries(changes.map(({ path: [field = ''] }) => [field, after[field]]))

          return patch(path`/v1/projects/${project}/draft/schedules/${name}`, touched, ifMatch)
        })
        context.print({ project, schedule: name }, () => `Updated ${name} in the draft of ${project}.\n`)
      },
    ),
  )
  define('delete <name>', 'take one out; refused while handoffs or rules name it', (context, project, name) =>
    context.ask(
      del(path`/v1/projects/${project}/draft/schedules/${name}`),
      () => `Deleted ${name} in the draft of ${project}.\n`,
    ),
  )
}

async function changesOf(set: Record<string, string> = {}): Promise<FieldChanges> {
  const { isTextIn, ScheduleSchema } = await import('../lazy-routes.ts')

  return fieldChanges(set, isTextIn(ScheduleSchema))
}

async function schedulesOf(context: CommandContext, project: string): Promise<Schedules> {
  const { text } = await context.send(get(path`/v1/projects/${project}/draft`))

  return (JSON.parse(text) as Table).schedules ?? []
}

function existing(schedules: Schedules, name: string): Schedules[number] {
  const found = schedules.find((one) => one.name === name)
  if (!found) throw new CommandFailure(`The draft has no schedule "${name}".`)

  return found
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
