import { writeFile } from 'node:fs/promises'
import { InvalidArgumentError, Option, type Command } from 'commander'

import type { CallView, AttemptView, RecordingView, TransferView } from '../../legs/views.ts'
import { withContext, type CommonOptions, type CommandIo } from '../command-context.ts'
import { get, path, post, CommandFailure } from '../api-request.ts'
import type { ContextView } from '../../context/index.ts'
import type { MediaView } from '../../calls/media-view.ts'
import { pairs, whole, columns, printable } from '../terminal-text.ts'

interface ListOptions extends CommonOptions {
  state?: string
  project?: string
  env?: string
  limit?: number
  number?: string
  result?: string
  reason?: string
  handoff?: string
  method?: string
  agent?: string
  trunk?: string
  tableVersion?: number
  from?: string
  to?: string
  cursor?: string
}

/** `baton calls …`: the calls of a running Baton. */
export function callsCommands(program: Command, io: CommandIo): void {
  const calls = program.command('calls').description('live and ended calls')

  withContext<ListOptions>(
    io,
    calls
      .command('list', { isDefault: true })
      .description('live and ended calls, newest first')
      .option('--state <state>', 'setup, connected, transferring, bridged or ended; live: all but ended')
      .option('--project <project>')
      .option('--env <environment>')
      .option('--number <number>', 'a part of the caller’s or the called number')
      .option('--result <result>', 'of the call, or of one of its transfers')
      .option('--reason <reason>', 'of the call, or of the transfer that has the result')
      .option('--handoff <handoff>', 'one of its transfers was to this handoff')
      .option('--method <method>', 'of such a transfer: refer, invite or bye')
      .option('--agent <uri>', 'the agent’s URI')
      .option('--trunk <trunk>')
      .addOption(new Option('--table-version <number>', 'of the routing table').argParser(whole))
      .option('--from <time>', 'began then or later, such as 2026-03-01T09:00:00Z')
      .option('--to <time>', 'began before')
      .addOption(new Option('--limit <number>', 'how many (default: 100)').argParser(whole))
      .option('--cursor <cursor>', 'those after a page: its nextCursor'),
    'server',
    async (context, options) => {
      const { state, project, env: environment, number, result, reason, handoff, method, agent, trunk } = options
      const { tableVersion: version, from, to, limit, cursor } = options
      const filter = {
        ...{ state, project, environment, number, result, reason, handoff, method, agent, trunk, version },
        ...{ from, to, limit, cursor },
      }
      await context.ask<CallsPage>(get('/v1/calls', filter), callsText)
    },
  )

  withContext(
    io,
    calls.command('show <call>').description('one call with its transfers, attempts and evidence'),
    'server',
    async (context, _options, [call = '']) => {
      await context.ask<CallView>(get(path`/v1/calls/${call}`), callText)
    },
  )

  withContext(
    io,
    calls.command('ladder <call>').description('every SIP message of a call, drawn'),
    'server',
    async (context, options, [call = '']) => {
      const accept = options.json ? 'application/json' : 'text/plain'
      const { text } = await context.send(get(path`/v1/calls/${call}/ladder`, {}, accept))
      if (options.json) context.print(JSON.parse(text) as unknown, String)
      else context.text(text)
    },
  )

  withContext<CommonOptions & { output?: string }>(
    io,
    calls
      .command('pcap <call>')
      .description('every SIP message of a call as a capture file, for Wireshark, tshark and sngrep')
      .option('--output <file>', 'the file to write (default: standard output)'),
    'server',
    async (context, { json, output }, [call = '']) => {
      if (json && output === undefined) throw new CommandFailure('--json needs --output FILE: a capture is no JSON.')
      const { bytes = Buffer.alloc(0) } = await context.send(get(path`/v1/calls/${call}/pcap`))
      if (output === undefined) {
        context.bytes(bytes)

        return
      }
      await writeFile(output, bytes).catch((error: unknown) => {
        throw new CommandFailure(`${output} cannot be written: ${String(error)}`)
      })
      context.print({ file: output, bytes: bytes.length }, () => `Wrote ${bytes.length} bytes to ${output}.\n`)
    },
  )

  withContext(
    io,
    calls.command('media <call>').description('where media went: who was to exchange it with whom, when and how'),
    'server',
    async (context, _options, [call = '']) => {
      await context.ask<MediaView>(get(path`/v1/calls/${call}/media`), mediaText)
    },
  )

  withContext<CommonOptions & { detail?: string }>(
    io,
    calls
      .command('state <call> <state>')
      .description('note a state of a call, in the words of the agent’s platform')
      .option('--detail <text>', 'more about it'),
    'server',
    async (context, { detail }, [call = '', state = '']) => {
      await context.ask(post(path`/v1/calls/${call}/state`, { state, detail }), () => `${call}: ${printable(state)}\n`)
    },
  )

  withContext<CommonOptions & { byCaller?: true }>(
    io,
    calls
      .command('context <id>')
      .description('what an agent gave along with a transfer, by the id in X-Baton-Context')
      .option('--by-caller', 'the id is the caller’s number: the newest of the last minute'),
    'server',
    async (context, { byCaller }, [id = '']) => {
      const of = byCaller ? path`/v1/context/by-caller/${id}` : path`/v1/context/${id}`
      await context.ask<ContextView>(get(of), contextText)
    },
  )

  withContext(
    io,
    calls.command('record <call> <action>').description('start, pause, resume or stop the recording of a call'),
    'server',
    async (context, _options, [call = '', action = '']) => {
      await context.ask<RecordingView>(post(path`/v1/calls/${call}/recording`, { action }), recordingText)
    },
  )

  withContext(
    io,
    calls.command('hangup <call>').description('end a call'),
    'server',
    async (context, _options, [call = '']) => {
      await context.ask(post(path`/v1/calls/${call}/hangup`), () => `Ending ${call}.\n`)
    },
  )
}

interface TransferOptions extends CommonOptions {
  header?: Record<string, string>
  var?: Record<string, string>
  reason?: string
  context?: unknown
  idempotencyKey?: string
  wait?: true
}

function recordingText({ state, files }: RecordingView): string {
  const lines = files.map(
    ({ at, party, server, name }) => `  ${at}  with the ${party}: ${name} on rtpengine ${server}\n`,
  )

  return `recording: ${state}\n${lines.join('')}`
}

/** `baton transfer CALL HANDOFF`. */
export function transferCommand(program: Command, io: CommandIo): void {
  withContext<TransferOptions>(
    io,
    program
      .command('transfer <call> <handoff>')
      .description('hand a caller off')
      .option('--header <name=value>', 'an X- header, over the handoff’s; may be repeated', pairs)
      .option('--var <name=value>', 'a variable for header templates; may be repeated', pairs)
      .option('--reason <text>', 'why')
      .option('--context <json>', 'for the person who takes the caller over', jsonOf)
      .option('--idempotency-key <key>', 'so that a repeated command is one transfer')
      .option('--wait', 'until it has ended; the exit code is 0 only when it succeeded'),
    'server',
    async (
      context,
      { header, var: variables, reason, context: given, idempotencyKey, wait },
      [call = '', handoff = ''],
    ) => {
      const key: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
      const body = { handoff, headers: header, variables, reason, context: given }
      const request = post(path`/v1/calls/${call}/transfer`, body, key)
      if (!wait) {
        await context.ask<{ transferId: string }>(request, ({ transferId }) => `Transfer ${transferId} is under way.\n`)

        return
      }

      const { transferId } = JSON.parse((await context.send(request)).text) as { transferId: string }
      for (;;) {
        const view = JSON.parse((await context.send(get(path`/v1/calls/${call}`))).text) as CallView
        const transfer = view.transfers.find(({ id }) => id === transferId)
        if (!transfer) throw new CommandFailure(`Baton no longer knows transfer ${transferId}.`)
        if (transfer.state === 'ended') {
          context.print(transfer, transferText)
          if (transfer.result !== 'succeeded') {
            throw new CommandFailure(`The transfer has ${transfer.result ?? 'failed'}.`)
          }

          return
        }
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    },
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InvalidArgumentError('It is no JSON.')
  }
}

interface CallsPage {
  calls: CallView[]
  nextCursor?: string
}

function callsText({ calls, nextCursor }: CallsPage): string {
  if (calls.length === 0) return 'No calls.\n'
  const more = nextCursor === undefined ? '' : `More: --cursor ${nextCursor}\n`
  const table = columns(
    ['CALL', 'STATE', 'RESULT', 'CALLER', 'CALLED', 'PROJECT', 'ENVIRONMENT', 'STARTED', 'TRANSFERS'],
    calls.map((call) => [
      call.id,
      call.state,
      call.result,
      call.caller.number || call.caller.uri,
      call.called,
      call.project,
      `${call.environment} v${call.version}`,
      call.startedAt,
      call.transfers.map(({ handoff, result, state }) => `${handoff}: ${result ?? state}`).join(', '),
    ]),
  )

  return table + more
}

function contextText({ caller, called, handoff, reason, variables, states, context }: ContextView): string {
  const lines = [
    ['caller', `${caller.name ?? ''} ${caller.number || caller.uri}`.trim()],
    ['called', called],
    ['handoff', handoff],
    ...(reason === undefined ? [] : [['reason', reason]]),
    ...states.map(({ at, state, detail }) => ['state', `${at} ${state}${detail === undefined ? '' : `: ${detail}`}`]),
    ...Object.entries(variables),
  ]
  const given = context === undefined ? '' : `${JSON.stringify(context, null, 2)}\n`

  return lines.map(([name = '', value = '']) => `${printable(name)}: ${printable(value)}\n`).join('') + given
}

function callText(call: CallView): string {
  const { caller, agent, destination, transfers } = call
  const rows: [string, string | number | undefined][] = [
    ['state', ended(call)],
    ['project', `${call.project} ${call.environment}, version ${call.version}`],
    ['caller', `${caller.number || caller.uri}${caller.name === undefined ? '' : ` (${caller.name})`}, ${caller.uri}`],
    ['called', call.called],
    ['agent', agent.uri],
    ['agent_down', call.via && `${call.agentDown ?? ''}, since no agent took the call`],
    ['called before', call.tried?.map(({ uri, what }) => `${uri}: ${what}`).join('; ')],
    ['destination', destination && `${destination.handoff}, ${destination.uri}`],
    ['started', call.startedAt],
    ['answered', call.answeredAt],
    ['ended', call.endedAt && `${call.endedAt}${call.endedBy === undefined ? '' : ` by ${call.endedBy}`}`],
    ['recording', call.recording && [call.recording.state, call.recording.problem].filter(Boolean).join(': ')],
    ['diagnosis', call.diagnosis],
  ]
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(15)}${printable(String(value))}\n`],
  )

  return `call ${call.id}\n${lines.join('')}${transfers.map((transfer) => `\n${transferText(transfer)}`).join('')}`
}

function mediaText({ talks, sessions }: MediaView): string {
  if (sessions.length === 0) return 'No message of the call described a session.\n'
  const talkRows = talks.map(({ from, until, parties, flow, hears, codec }) => [
    ...[from, until ?? 'goes on', parties.join(' and ')],
    ...[flowText(flow, hears), codec || '-'],
  ])
  const sessionRows = sessions.flatMap(({ at, leg, direction, message, streams }) =>
    streams.map(({ type, address, codecs, direction: mode, encrypted }) => [
      ...[at, direction === 'in' ? `from ${leg}` : `to ${leg}`, message, type, address, mode],
      ...[encrypted ? 'SRTP' : 'RTP', codecs.join(' ')],
    ]),
  )
  const talksText =
    talks.length === 0
      ? 'No two parties were given each other’s addresses.\n'
      : columns(['FROM', 'UNTIL', 'PARTIES', 'MEDIA', 'CODEC'], talkRows)

  return `${talksText}\n${columns(['AT', 'LEG', 'MESSAGE', 'TYPE', 'ADDRESS', 'DIRECTION', 'BY', 'CODECS'], sessionRows)}`
}

function flowText(flow: MediaView['talks'][number]['flow'], hears: readonly string[]): string {
  if (flow === 'both') return 'both ways'

  return flow === 'none' ? 'on hold' : `only the ${hears.join()} hears`
}

function transferText(transfer: TransferView): string {
  const { id, handoff, requestedBy, attempts, diagnosis } = transfer
  const told = diagnosis === undefined ? '' : `  ${printable(diagnosis)}\n`

  return `transfer ${id} to ${printable(handoff)}, asked for by ${requestedBy}: ${ended(transfer)}\n${told}${attempts.map(attemptText).join('')}`
}

function attemptText(attempt: AttemptView): string {
  const { handoff, method, target, evidence } = attempt
  const seen = evidence.map(({ at, from, what }) => `      ${at}  ${from.padEnd(12)}${printable(what)}\n`)

  return `  ${method} to ${printable(`${handoff} ${target}`)}: ${ended(attempt)}\n${seen.join('')}`
}

function ended({
  state,
  result,
  reason,
  sipStatus,
  code,
}: {
  state?: string
  result?: string
  reason?: string
  sipStatus?: number
  code?: number
}): string {
  const status = sipStatus ?? code
  const why = [reason, status].filter((part) => part !== undefined).join(', ')

  return `${result ?? state ?? 'running'}${why === '' ? '' : ` (${why})`}`
}
