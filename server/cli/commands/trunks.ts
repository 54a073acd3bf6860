import type { Command } from 'commander'
import type { TrunkView } from '../../calls/trunk-book.ts'
import { withContext, type CommandIo } from '../command-context.ts'
import { del, get, path } from '../api-request.ts'
import { columns } from '../terminal-text.ts'

/** `baton trunks …`: the trunks of a running Baton, and what each has refused. */
export function trunksCommands(program: Command, io: CommandIo): void {
  const trunks = program.command('trunks').description('trunks: their gateways, and what each has refused until when')

  withContext(io, trunks.command('list', { isDefault: true }).description('every trunk'), 'server', async (context) => {
    await context.ask<{ trunks: TrunkView[] }>(get('/v1/trunks'), trunksText)
  })

  withContext(
    io,
    trunks.command('forget <trunk>').description('forget what it has refused, so that its next caller is tried again'),
    'server',
    async (context, _options, [trunk = '']) => {
      await context.ask(del(path`/v1/trunks/${trunk}/memory`), () => `Forgot what ${trunk} has refused.\n`)
    },
  )

  withContext(
    io,
    trunks.command('reset-caps <trunk>').description('start the day of its caps again: no call counts that was before'),
    'server',
    async (context, _options, [trunk = '']) => {
      await context.ask(del(path`/v1/trunks/${trunk}/caps`), () => `Started the day of ${trunk}'s caps again.\n`)
    },
  )
}

function trunksText({ trunks }: { trunks: TrunkView[] }): string {
  const memories = trunks.flatMap(({ name, memory }) => memory.map((refusal) => ({ name, ...refusal })))
  const overview = columns(
    ['TRUNK', 'PEERS', 'GATEWAYS', 'NUMBERS', 'REFER'],
    trunks.map(({ name, peers, gateways, numberFormat, refer, memory }) => [
      ...[name, peers.join(' '), gateways.map(({ uri }) => uri).join(' ') || 'none', numberFormat],
      referText(refer, memory),
    ]),
  )
  const caps = trunks.flatMap(({ name, caps: ofTrunk }) => ofTrunk.map((cap) => ({ name, ...cap })))
  const usedCaps = columns(
    ['TRUNK', 'NUMBERS', 'CALLS TODAY', 'OF', 'UNTIL'],
    caps.map(({ name, prefix, callsPerDay, used, resetsAt }) => [name, prefix, `${used}`, `${callsPerDay}`, resetsAt]),
  )
  const tables = caps.length > 0 ? [overview, usedCaps] : [overview]
  if (memories.length === 0) return tables.join('\n')

  return [
    ...tables,
    columns(
      ['TRUNK', 'REFUSED', 'TARGET', 'WITH', 'REMEMBERED UNTIL'],
      memories.map(({ name, refused, target, what, until }) => [name, refused.toUpperCase(), target, what, until]),
    ),
  ].join('\n')
}

function referText(refer: boolean, memory: TrunkView['memory']): string {
  if (!refer) return 'no'

  return memory.some(({ refused }) => refused === 'refer') ? 'refused lately' : 'yes'
}
