import { Option, type Command } from 'commander'
import type { CallView } from '../../legs/views.ts'
import { callText, callsText, transferText } from '../calls-text.ts'
import { withCli, type CommonOptions, type Surroundings } from '../cli.ts'
import { Failure } from '../failure.ts'
import { get, path, post } from '../request.ts'
import { pairs, whole } from '../text.ts'

interface ListOptions extends CommonOptions {
  state?: string
  project?: string
  env?: string
  limit?: number
}

/** `baton calls …`: what is going on in a running Baton. */
export function callsCommands(program: Command, around: Surroundings): void {
  const calls = program.command('calls').description('live and recent calls')

  withCli<ListOptions>(
    around,
    calls
      .command('list', { isDefault: true })
      .description('live and recent calls, newest first')
      .option('--state <state>', 'setup, connected, transferring, bridged or ended')
      .option('--project <project>')
      .option('--env <environment>')
      .addOption(new Option('--limit <number>', 'how many (default: 100)').argParser(whole)),
    'server',
    async (cli, { state, project, env, limit }) => {
      await cli.ask<{ calls: CallView[] }>(get('/v1/calls', { state, project, environment: env, limit }), callsText)
    },
  )

  withCli(
    around,
    calls.command('show <call>').description('one call with its transfers, attempts and evidence'),
    'server',
    async (cli, _options, [call = '']) => {
      await cli.ask<CallView>(get(path`/v1/calls/${call}`), callText)
    },
  )

  withCli(
    around,
    calls.command('ladder <call>').description('every SIP message of a call, drawn'),
    'server',
    async (cli, options, [call = '']) => {
      const accept = options.json ? 'application/json' : 'text/plain'
      const { text } = await cli.send(get(path`/v1/calls/${call}/ladder`, {}, accept))
      if (options.json) cli.print(JSON.parse(text) as unknown, String)
      else cli.text(text)
    },
  )

  withCli(
    around,
    calls.command('hangup <call>').description('end a call'),
    'server',
    async (cli, _options, [call = '']) => {
      await cli.ask(post(path`/v1/calls/${call}/hangup`), () => `Ending ${call}.\n`)
    },
  )
}

interface TransferOptions extends CommonOptions {
  header?: Record<string, string>
  var?: Record<string, string>
  reason?: string
  idempotencyKey?: string
  wait?: true
}

/** `baton transfer CALL HANDOFF`. */
export function transferCommand(program: Command, around: Surroundings): void {
  withCli<TransferOptions>(
    around,
    program
      .command('transfer <call> <handoff>')
      .description('hand a caller off')
      .option('--header <name=value>', 'an X- header, over the handoff’s; may be repeated', pairs)
      .option('--var <name=value>', 'a variable for header templates; may be repeated', pairs)
      .option('--reason <text>', 'why')
      .option('--idempotency-key <key>', 'so that a repeated command is one transfer')
      .option('--wait', 'until it has ended; the exit code is 0 only when it succeeded'),
    'server',
    async (cli, { header, var: variables, reason, idempotencyKey, wait }, [call = '', handoff = '']) => {
      const key: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
      const request = post(path`/v1/calls/${call}/transfer`, { handoff, headers: header, variables, reason }, key)
      if (!wait) {
        await cli.ask<{ transferId: string }>(request, ({ transferId }) => `Transfer ${transferId} is under way.\n`)

        return
      }

      const { transferId } = JSON.parse((await cli.send(request)).text) as { transferId: string }
      for (;;) {
        const view = JSON.parse((await cli.send(get(path`/v1/calls/${call}`))).text) as CallView
        const transfer = view.transfers.find(({ id }) => id === transferId)
        if (!transfer) throw new Failure(`Baton no longer knows transfer ${transferId}.`)
        if (transfer.state === 'ended') {
          cli.print(transfer, transferText)
          if (transfer.result !== 'succeeded') throw new Failure(`The transfer has ${transfer.result ?? 'failed'}.`)

          return
        }
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    },
  )
}
