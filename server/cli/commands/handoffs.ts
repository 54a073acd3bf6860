import type { Command } from 'commander'
import { parse } from 'yaml'
import { withCli, type CommonOptions, type Surroundings } from '../cli.ts'
import { Failure } from '../failure.ts'
import { patch, path, post, type ApiRequest } from '../request.ts'
import { pairs } from '../text.ts'

interface HandoffOptions extends CommonOptions {
  project?: string
  set?: Record<string, string>
}

/** `baton routes handoff …`: one handoff of the draft at a time. */
export function handoffCommands(routes: Command, around: Surroundings): void {
  const handoff = routes
    .command('handoff')
    .description('handoffs of the draft: create, update, duplicate, delete, default')
  const command = (
    line: string,
    description: string,
    request: (project: string, args: readonly string[], options: HandoffOptions) => ApiRequest,
    done: (args: readonly string[]) => string,
  ) =>
    withCli<HandoffOptions>(
      around,
      handoff
        .command(line)
        .description(description)
        .option('--project <project>', 'the project (default: the only one)'),
      'store',
      async (cli, options, given) => {
        const args = given.map((arg) => arg ?? '')
        const project = await cli.project(options.project)
        await cli.ask(request(project, args, options), () => `${done(args)} in the draft of ${project}.\n`)
      },
    )
  const settable = (created: Command) =>
    created.option('--set <field=value>', 'a field, its value as YAML; null takes it away; may be repeated', pairs)

  settable(
    command(
      'create <name>',
      'add a handoff, such as: create desk --set method=invite --set route=sip:desk@pbx.example',
      (project, [name = ''], { set }) => post(path`/v1/projects/${project}/draft/handoffs`, { name, ...fields(set) }),
      ([name = '']) => `Created ${name}`,
    ),
  )
  settable(
    command(
      'update <name>',
      'change fields of a handoff; a new name is followed everywhere',
      (project, [name = ''], { set }) => patch(path`/v1/projects/${project}/draft/handoffs/${name}`, fields(set)),
      ([name = '']) => `Updated ${name}`,
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
    (project, [name = '']) => ({ method: 'DELETE', path: path`/v1/projects/${project}/draft/handoffs/${name}` }),
    ([name = '']) => `Deleted ${name}`,
  )
  command(
    'default <name>',
    'make a handoff the default',
    (project, [name = '']) => post(path`/v1/projects/${project}/draft/handoffs/${name}/default`),
    ([name = '']) => `Made ${name} the default`,
  )
}

function fields(set: Record<string, string> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(set).map(([field, value]) => [field, valueOf(field, value)]))
}

// Numbers and names that YAML would read as something else stay text, where the field is a text.
function valueOf(field: string, value: string): unknown {
  if (['name', 'description', 'route', 'schedule', 'trunk'].includes(field) && value !== 'null') return value
  try {
    return parse(value) as unknown
  } catch (error) {
    throw new Failure(`--set ${field}: ${(error as Error).message}`)
  }
}
