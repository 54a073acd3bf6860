import type { Command } from 'commander'
import { defined } from '../../../base/defined.ts'
import { withContext, type CommandIo, type CommonOptions } from '../command-context.ts'
import { del, get, post, CommandFailure } from '../api-request.ts'

interface ConnectOptions extends CommonOptions {
  account?: string
  apiKey?: string
  numbers?: string[]
  uris?: string[]
  secure?: true
  trunk?: string
  disasterUrl?: string
  domain?: string
  username?: string
  addresses?: string[]
  webhookUrl?: string
  webhookNumbers?: string[]
  dryRun?: true
}

interface AccountDrift extends TwilioChanges {
  findings: { state: 'failed' | 'warning'; detail: string; hint: string }[]
  missing: string[]
}

interface TwilioChanges {
  changes: string[]
}

/** `baton twilio …`: a Twilio account's SIP trunk for a running Baton. */
export function twilioCommands(program: Command, io: CommandIo): void {
  const twilio = program.command('twilio').description('a Twilio account: connect, status, disconnect')
  const list = (text: string): string[] => text.split(',')

  withContext<ConnectOptions>(
    io,
    twilio
      .command('connect')
      .description('make or correct the SIP trunk of an account; its secret is read from standard input')
      .option('--account <sid>', 'the account SID (left out: the one that is connected)')
      .option('--api-key <sid>', 'the SID of an API key (left out: the secret is the auth token)')
      .option('--numbers <numbers>', 'numbers whose calls go to the trunk, with commas between', list, [])
      .requiredOption('--uris <uris>', 'SIP URIs of Baton, the preferred one first, with commas between', list)
      .option('--secure', 'by TLS and SRTP')
      .option('--trunk <sid>', 'take over this SIP trunk of the account (left out: Baton makes one)')
      .option('--domain <domain>', 'the termination domain, for calls from Baton')
      .option('--username <name>', "the user of calls from Baton; a new one's password is the second line of the input")
      .option('--addresses <addresses>', 'addresses that calls from Baton come from, with commas between', list)
      .option('--disaster-url <url>', 'TwiML for callers while no Baton answers')
      .option('--webhook-numbers <numbers>', 'numbers whose calls reach Baton by their voice webhook', list)
      .option('--webhook-url <url>', 'https://…/v1/twilio/voice of Baton, for those numbers')
      .option('--dry-run', 'only show what would be changed'),
    'server',
    async (context, { account: accountSid, secure, trunk: trunkSid, dryRun, ...options }) => {
      const { apiKey, numbers, uris, disasterUrl, domain, username, addresses, webhookUrl, webhookNumbers } = options
      if ((webhookUrl === undefined) !== (webhookNumbers === undefined)) {
        throw new CommandFailure('Give --webhook-numbers and --webhook-url together, or neither of them.')
      }
      const [first = '', second = ''] =
        accountSid === undefined && username === undefined ? [] : linesOf(await io.input?.())
      const [secret, password] = accountSid === undefined ? [undefined, first] : [first, second]
      if (secret === '') throw new CommandFailure('Write the secret of the key, or the auth token, to standard input.')
      const body = {
        ...defined({ accountSid, apiKey, secret, trunkSid, disasterUrl, domain, username, addresses }),
        ...defined({ password: password || undefined }),
        ...(webhookUrl !== undefined && { webhook: { url: webhookUrl, numbers: webhookNumbers ?? [] } }),
        ...{ numbers, uris, secure: secure ?? false },
      }
      const begun = dryRun ? 'Would change in the account:' : 'Changed in the account:'
      await context.ask<TwilioChanges & { others?: string[] }>(
        post(dryRun ? '/v1/twilio/plan' : '/v1/twilio/connect', body),
        (answer) => `${changesText(begun)(answer)}${othersText(answer.others)}`,
      )
    },
  )

  withContext(
    io,
    twilio
      .command('status', { isDefault: true })
      .description('the account, what has drifted there, and the trunk for Baton'),
    'server',
    async (context) => {
      const { text } = await context.send(get('/v1/twilio'))
      const status = JSON.parse(text) as { connected: boolean; accountSid?: string; trunk: string }
      const drift = status.connected
        ? (JSON.parse((await context.send(get('/v1/twilio/plan'))).text) as AccountDrift)
        : undefined
      context.print({ ...status, ...drift }, () =>
        drift
          ? [
              `${status.accountSid ?? ''} is connected.\n`,
              ...(drift.findings.length === 0 ? ['The account is as it was connected.\n'] : []),
              ...drift.findings.map(({ state: found, detail, hint }) => `${found}: ${detail}\n  ${hint}\n`),
              drift.changes.length === 0 ? '' : changesText('Connecting again would change:')(drift),
              `\nThe trunk for the configuration of Baton:\n\n${status.trunk}`,
            ].join('')
          : 'No Twilio account is connected.\n',
      )
    },
  )

  withContext(
    io,
    twilio.command('disconnect').description('take away what Baton has made in the account, and nothing else'),
    'server',
    async (context) => {
      await context.ask<TwilioChanges>(del('/v1/twilio'), changesText('Changed in the account:'))
    },
  )
}

/** The lines of the standard input: the secret, then the password. */
function linesOf(text = ''): string[] {
  return text.split('\n').map((line) => line.trim())
}

function othersText(others: readonly string[] = []): string {
  return others.length === 0 ? '' : `On the trunk already, so that their calls go to Baton, too: ${others.join(', ')}\n`
}

function changesText(begun: string): (answer: TwilioChanges) => string {
  return ({ changes }) =>
    changes.length === 0
      ? 'Nothing to change in the account.\n'
      : `${begun}\n${changes.map((one) => `  ${one}\n`).join('')}`
}
