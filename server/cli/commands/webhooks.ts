import type { Command } from 'commander'
import type { DeadLetterSummary, DeadLetterView } from '../../api/index.ts'
import { withContext, type CommonOptions, type CommandIo } from '../command-context.ts'
import { del, get, path, post, CommandFailure } from '../api-request.ts'
import { columns, whole } from '../terminal-text.ts'

const letters = '/v1/webhooks/dead-letters'

interface DeadLetterOptions extends CommonOptions {
  all?: true
}

/** `baton webhooks …`: the dead letters of the webhook. */
export function webhooksCommands(program: Command, io: CommandIo): void {
  const webhooks = program
    .command('webhooks')
    .description('events that the webhook has not taken: list, replay, delete')

  withContext<CommonOptions & { limit?: number }>(
    io,
    webhooks
      .command('list', { isDefault: true })
      .alias('dead-letters')
      .description('events that were given up, oldest first')
      .option('--limit <number>', 'how many (default: all)', whole),
    'server',
    async (context, { limit }) => {
      await context.ask<{ deadLetters: DeadLetterSummary[] }>(get(letters, { limit }), lettersText)
    },
  )

  withContext(
    io,
    webhooks.command('show <id>').description('one of them, with its event'),
    'server',
    async (context, _options, [id = '']) => {
      await context.ask<DeadLetterView>(get(path`/v1/webhooks/dead-letters/${id}`), (letter) =>
        [lettersText({ deadLetters: [letter] }), JSON.stringify(letter.event, null, 2), ''].join('\n'),
      )
    },
  )

  withContext<DeadLetterOptions>(
    io,
    webhooks
      .command('replay [id]')
      .description('send one of them again, or with --all every one; each leaves the list when it is taken')
      .option('--all', 'every one'),
    'server',
    async (context, options, [id]) => {
      if (wantsAll(id, options)) {
        await context.ask<{ replayed: string[] }>(
          post(`${letters}/replay`),
          ({ replayed }) => `Sending ${counted(replayed)} again.\n`,
        )
      } else await context.ask(post(path`/v1/webhooks/dead-letters/${id ?? ''}/replay`), () => `Sending ${id} again.\n`)
    },
  )

  withContext<DeadLetterOptions>(
    io,
    webhooks
      .command('delete [id]')
      .description('throw one of them away, or with --all every one')
      .option('--all', 'every one'),
    'server',
    async (context, options, [id]) => {
      const which = wantsAll(id, options) ? letters : path`/v1/webhooks/dead-letters/${id ?? ''}`
      await context.ask<{ deleted: string[] }>(del(which), ({ deleted }) => `Deleted ${counted(deleted)}.\n`)
    },
  )
}

function wantsAll(id: string | undefined, { all = false }: { all?: boolean }): boolean {
  if ((id === undefined) !== all) throw new CommandFailure('Name one dead letter by its id, or say --all.')

  return all
}

function counted({ length }: readonly string[]): string {
  return length === 1 ? 'one event' : `${length} events`
}

function lettersText({ deadLetters }: { deadLetters: DeadLetterSummary[] }): string {
  if (deadLetters.length === 0) return 'No dead letters.\n'

  return columns(
    ['ID', 'EVENT', 'HAPPENED', 'PROJECT', 'ENVIRONMENT', 'CALL', 'STATE', 'ATTEMPTS', 'PROBLEM'],
    deadLetters.map(({ id, type, at, project, environment, callId, state, attempts, problem }) => [
      ...[id, type, at, project, environment, callId, state, attempts, problem],
    ]),
  )
}
