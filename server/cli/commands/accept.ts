import type { Command } from 'commander'
import { path, post } from '../api-request.ts'
import { withContext, type CommandIo } from '../command-context.ts'

/** `baton accept CALL` and `baton decline CALL`: in the place of the person who has answered for a caller. */
export function acceptCommands(program: Command, io: CommandIo): void {
  for (const [verb, told] of [
    ['accept', 'is accepted'],
    ['decline', 'is declined'],
  ] as const) {
    withContext(
      io,
      program
        .command(`${verb} <call>`)
        .description(`${verb} the caller for the person who has answered and is to press a digit`),
      'server',
      async (context, _options, [call = '']) => {
        await context.ask(post(path`/v1/calls/${call}/transfer/${verb}`), () => `The caller of ${call} ${told}.\n`)
      },
    )
  }
}
