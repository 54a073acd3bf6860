import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import type { CommandIo } from './command-context.ts'
import { acceptCommands } from './commands/accept.ts'
import { audioCommands } from './commands/audio.ts'
import { callsCommands, transferCommand } from './commands/calls.ts'
import { doctorCommand } from './commands/doctor.ts'
import { engineCommand, serveCommand, standbyCommand, takeoverCommand } from './commands/serve.ts'
import { routesCommands } from './commands/routes.ts'
import { switchesCommands } from './commands/switches.ts'
import { tryCommands } from './commands/try.ts'
import { targetsCommands } from './commands/targets.ts'
import { trunksCommands } from './commands/trunks.ts'
import { twilioCommands } from './commands/twilio.ts'
import { usersCommands } from './commands/users.ts'
import { webhooksCommands } from './commands/webhooks.ts'
import { CommandFailure, type FailureDetails } from './api-request.ts'

/**
 * Runs one command line, such as `['routes', 'publish']`, and resolves with its exit code. With `--json`, its output is one
 * JSON document, also when it fails: the answer, or `{ "error": … }`.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  let answered = false
  const out = (text: string): void => {
    answered = true
    io.out(text)
  }
  const fail = (problem: FailureDetails): void => {
    if (args.includes('--json') && !answered) io.out(`${JSON.stringify({ error: problem }, null, 2)}\n`)
  }
  try {
    await baton({ ...io, out }).parseAsync(args, { from: 'user' })

    return 0
  } catch (error) {
    // Commander has printed the mistake, or the help.
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) fail({ detail: error.message.replace(/^error: /, '') })

      return error.exitCode
    }
    if (!(error instanceof CommandFailure)) throw error
    io.err(`${error.message}\n`)
    fail(error.problem)

    return 1
  }
}

function baton(io: CommandIo): Command {
  const program = new Command('baton')
    .description('Hands live calls from voice agents to people.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(--help tells more)')
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })

  serveCommand(program, io)
  standbyCommand(program, io)
  takeoverCommand(program, io)
  routesCommands(program, io)
  audioCommands(program, io)
  tryCommands(program, io)
  callsCommands(program, io)
  transferCommand(program, io)
  acceptCommands(program, io)
  targetsCommands(program, io)
  switchesCommands(program, io)
  trunksCommands(program, io)
  twilioCommands(program, io)
  webhooksCommands(program, io)
  usersCommands(program, io)
  doctorCommand(program, io)
  engineCommand(program, io)

  return program
}
