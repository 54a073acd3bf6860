import type { Command } from 'commander'
import type { Table } from '../../../routes/index.ts'
import { ofProject, withProject, type CommandContext, type CommandIo, type ProjectOptions } from '../command-context.ts'
import { editDraft, fieldChanges, settable, withFields, type FieldChanges } from '../draft-edits.ts'
import { del, get, patch, path, post, type ApiRequest } from '../api-request.ts'
import { columns } from '../terminal-text.ts'

interface HandoffOptions extends ProjectOptions {
  set?: Record<string, string>
}

/** `baton routes handoff …`: one handoff of the draft at a time. */
export function handoffCommands(routes: Command, io: CommandIo): void {
  const handoff = routes
    .command('handoff')
    .alias('handoffs')
    .description('handoffs of the draft: list, create, update, duplicate, delete, default')
  const define = (
    line: string,
    description: string,
    act: (
      context: CommandContext,
      project: string,
      args: readonly string[],
      options: HandoffOptions,
    ) => Promise<unknown>,
  ) => withProject(io, ofProject(handoff.command(line).description(description)), act)
  const command = (
    line: string,
    description: string,
    request: (project: string, args: readonly string[]) => ApiRequest,
    done: (args: readonly string[]) => string,
  ) =>
    define(line, description, (context, project, args) =>
      context.ask(request(project, args), () => `${done(args)} in the draft of ${project}.\n`),
    )

  define('list', 'those of the draft', async (context, project) => {
    const { handoffs } = JSON.parse((await context.send(get(path`/v1/projects/${project}/draft`))).text) as Table
    context.print({ handoffs }, handoffsText)
  })
  settable(
    define(
      'create <name>',
      'add a handoff, such as: create desk --set method=invite --set route=sip:desk@pbx.example',
      async (context, project, [name = ''], { set }) =>
        context.ask(
          post(path`/v1/projects/${project}/draft/handoffs`, { name, ...withFields({}, await changesOf(set)) }),
          () => `Created ${name} in the draft of ${project}.\n`,
        ),
    ),
  )
  settable(
    define(
      'update <name>',
      'change fields of a handoff; a new name is followed everywhere',
      async (context, project, [name = ''], { set }) => {
        const changes = await changesOf(set)
        await editDraft<Table>(context, path`/v1/projects/${project}/draft`, ({ handoffs }, ifMatch) => {
          const before = handoffs.find((one) => one.name === name) ?? {}
          const after = withFields(before, changes)
          const touched = Object.fromEntries(changes.map(({ path: [field = ''] }) => [field, after[field]]))

          return patch(path`/v1/projects/${project}/draft/handoffs/${name}`, touched, ifMatch)
        })
        context.print({ project, handoff: name }, () => `Updated ${name} in the draft of ${project}.\n`)
      },
    ),
  )
  command(
    'duplicate <name> <as>',
    'copy a handoff under another name',
    (project, [name = '', as = '']) => post(path`/v1/projects/${project}/draft/handoffs/${name}/duplicate`, { as }),
    ([name = '', as = '']) => `Copied ${name} as ${as}`,
  )
  command(
    'delete <name>',
    'take a handoff out',
    (project, [name = '']) => del(path`/v1/projects/${project}/draft/handoffs/${name}`),
    ([name = '']) => `Deleted ${name}`,
  )
  command(
    'default <name>',
    'make a handoff the default',
    (project, [name = '']) => post(path`/v1/projects/${project}/draft/handoffs/${name}/default`),
    ([name = '']) => `Made ${name} the default`,
  )
}

async function changesOf(set: Record<string, string> = {}): Promise<FieldChanges> {
  const { isTextIn, HandoffSchema } = await import('../lazy-routes.ts')

  return fieldChanges(set, isTextIn(HandoffSchema))
}

function handoffsText({ handoffs }: Pick<Table, 'handoffs'>): string {
  return columns(
    ['HANDOFF', 'METHOD', 'ROUTE', 'STATE', 'SCHEDULE', 'ON FAILURE', 'DESCRIPTION'],
    handoffs.map(
      ({ name, method = 'refer', route, active = true, default: isDefault, schedule, on_failure, description }) => {
        const state = active ? 'active' : 'off'

        return [
          ...[name, method, route, isDefault ? 'default' : state, schedule],
          ...[on_failure?.join(' '), description],
        ]
      },
    ),
  )
}
