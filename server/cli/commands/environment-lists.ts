import type { Command } from 'commander'
import { defined } from '../../../base/defined.ts'
import type { WrittenChoice } from '../../../base/choice.ts'
import type { ProjectView } from '../../../routes/index.ts'
import { ofProject, withProject, type CommandContext, type CommandIo, type ProjectOptions } from '../command-context.ts'
import { editDraft } from '../draft-edits.ts'
import { get, path, put, CommandFailure } from '../api-request.ts'
import { columns, uriOf, whole } from '../terminal-text.ts'

/** A list in the settings of an environment. */
type ListName = 'numbers' | 'agents'
type Draft = Partial<Record<ListName, WrittenChoice[]>>

interface EnvironmentOptions extends ProjectOptions {
  env: string
  at?: number
  priority?: number
  weight?: number
}

/** `baton routes number …` and `baton routes agent …`: the lists in the drafts of environments' settings. */
export function settingsCommands(routes: Command, io: CommandIo): void {
  listCommands(routes, io, 'numbers', 'number', 'numbers that reach an environment')
  listCommands(routes, io, 'agents', 'agent', 'SIP addresses of an environment’s agents')
}

function listCommands(routes: Command, io: CommandIo, list: ListName, one: string, what: string): void {
  const group = routes.command(one).alias(list).description(`${what}, in the draft: list, add, change, remove`)
  const define = (
    line: string,
    description: string,
    act: (
      context: CommandContext,
      project: string,
      args: readonly string[],
      options: EnvironmentOptions,
    ) => Promise<void>,
  ): Command => {
    const command = ofProject(group.command(line).description(description))
    if (!line.startsWith('list')) command.requiredOption('--env <environment>', 'sandbox, pre-release or live')

    return withProject(io, command, act)
  }
  const edit = async (
    context: CommandContext,
    project: string,
    { env }: EnvironmentOptions,
    done: string,
    change: (before: WrittenChoice[]) => WrittenChoice[],
  ): Promise<void> => {
    const draft = path`/v1/projects/${project}/environments/${env}/draft`
    let after: WrittenChoice[] = []
    await editDraft<Draft>(context, draft, (settings, ifMatch) => {
      after = change(settings[list] ?? [])

      return put(draft, JSON.stringify({ ...settings, [list]: after }), 'json', ifMatch)
    })
    context.print({ project, environment: env, [list]: after }, () => `${done} the draft of ${env} of ${project}.\n`)
  }
  const placeOf = (before: readonly WrittenChoice[], wanted: string): number => {
    const held = before.map(uriOf)
    const at = held.indexOf(wanted)
    if (at < 0) {
      throw new CommandFailure(`The draft has no ${one} ${wanted}${held.length ? `; it has ${held.join(', ')}` : ''}.`)
    }

    return at
  }

  define('list', `every environment’s, those that run and those of the draft`, async (context, project) => {
    const { environments } = JSON.parse((await context.send(get(path`/v1/projects/${project}`))).text) as ProjectView
    const rows = Object.entries(environments).flatMap(([environment, view]) => {
      const [runs, draft] = [view[list] ?? [], view.draft?.[list] ?? []].map((held) => held.map(uriOf))

      return [...new Set([...(draft ?? []), ...(runs ?? [])])].map((value) => ({
        ...{ environment, [one]: value, draft: draft?.includes(value), runs: runs?.includes(value) },
      }))
    })
    context.print({ project, [list]: rows }, () =>
      columns(
        ['ENVIRONMENT', one.toUpperCase(), 'RUNS', 'DRAFT'],
        rows.map((row) => [
          row.environment,
          String(row[one as keyof typeof row]),
          yesNo(row.runs === true),
          yesNo(row.draft === true),
        ]),
      ),
    )
  })
  const add = define(`add <${one}>`, `add a ${one}`, (context, project, [value = ''], options) =>
    edit(context, project, options, `Added ${value} to`, (before) => {
      if (before.map(uriOf).includes(value)) throw new CommandFailure(`The draft has the ${one} ${value} already.`)
      const { priority, weight } = options
      const isPlain = priority === undefined && weight === undefined
      const added = isPlain ? value : { uri: value, ...defined({ priority, weight }) }

      return before.toSpliced(options.at === undefined ? before.length : options.at - 1, 0, added)
    }),
  ).option('--at <place>', 'its place, counted from 1 (default: the last)', whole)
  if (list === 'agents') {
    add.option('--priority <priority>', 'lower ones are called first (default: 0)', whole)
    add.option('--weight <weight>', 'the share of calls among those of equal priority', whole)
  }
  define(
    `change <${one}> <to>`,
    `put another ${one} in its place`,
    (context, project, [value = '', to = ''], options) =>
      edit(context, project, options, `Changed ${value} to ${to} in`, (before) => {
        const at = placeOf(before, value)
        const held = before[at]

        return before.with(at, typeof held === 'object' ? { ...held, uri: to } : to)
      }),
  )
  define(`remove <${one}>`, `take a ${one} out`, (context, project, [value = ''], options) =>
    edit(context, project, options, `Removed ${value} from`, (before) => before.toSpliced(placeOf(before, value), 1)),
  )
}

function yesNo(is: boolean): string {
  return is ? 'yes' : 'no'
}
