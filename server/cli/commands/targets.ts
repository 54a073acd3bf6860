import type { Command } from 'commander'
import { formatEndpoint } from '../../../base/address.ts'
import type { TargetView } from '../../targets/index.ts'
import { path, post, get } from '../api-request.ts'
import { withContext, type CommandIo, type CommonOptions } from '../command-context.ts'
import { columns } from '../terminal-text.ts'

interface ReasonOption extends CommonOptions {
  reason?: string
}

const commands = {
  probe: 'ask it by OPTIONS now',
  disable: 'send no call there',
  drain: 'send no new call there; its calls go on',
  enable: 'send calls there again',
} as const

/** `baton targets …`: agents, gateways and handoffs' hosts of a running Baton. */
export function targetsCommands(program: Command, io: CommandIo): void {
  const targets = program
    .command('targets')
    .description('agents, gateways and handoffs’ hosts: whether each is up, and why')

  withContext(
    io,
    targets.command('list', { isDefault: true }).description('every target'),
    'server',
    async (context) => {
      await context.ask<{ targets: TargetView[] }>(get('/v1/targets'), ({ targets: all }) => targetsText(all))
    },
  )

  for (const [name, description] of Object.entries(commands)) {
    const command = targets.command(`${name} <target>`).description(description)
    if (name !== 'probe') command.option('--reason <text>', 'why, for those who look later')
    withContext<ReasonOption>(io, command, 'server', async (context, { reason }, [target = '']) => {
      const body = reason === undefined ? {} : { reason }
      await context.ask<TargetView>(post(path`/v1/targets/${target}/${name}`, body), (one) => targetsText([one]))
    })
  }
}

function targetsText(targets: readonly TargetView[]): string {
  return columns(
    ['TARGET', 'KIND', 'STATE', 'SINCE', 'CALLS', 'REASON', 'USED BY'],
    targets.flatMap(({ id, kind, state, since, calls, reason, usedBy, addresses, certificateExpires }) => [
      [id, kind, state, since, String(calls), `${reason}${expiryText(certificateExpires)}`, usedBy.join(', ')],
      ...(addresses.length > 1 ? addresses.map(addressRow) : []),
    ]),
  )
}

/** What is said of a certificate that expires within two weeks. */
function expiryText(expires: string | undefined): string {
  const isSoon = expires !== undefined && Date.parse(expires) - Date.now() < 14 * 86_400_000

  return isSoon ? `; its certificate expires on ${expires.slice(0, 10)}` : ''
}

/** One of several addresses of the target in the row above. */
function addressRow({ address, port, transport, state, since, reason }: TargetView['addresses'][number]): string[] {
  return [`  ${transport}:${formatEndpoint({ address, port })}`, '', state, since, '', reason, '']
}
