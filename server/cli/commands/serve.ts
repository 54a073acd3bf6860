import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'

import { settingsOf, type CommandIo } from '../command-context.ts'
import type { Homer } from '../../hep/index.ts'
import { CommandFailure } from '../api-request.ts'

/** `baton serve`: runs Baton. */
export function serveCommand(program: Command, { env }: CommandIo): void {
  program
    .command('serve')
    .description('start Baton (settings: environment and BATON_CONFIG)')
    .option('--config <file>', 'the same as BATON_CONFIG')
    .action(async ({ config }: { config?: string }) => {
      if (config !== undefined) env.BATON_CONFIG = config
      const { main } = await import('../../main.ts')
      await main()
    })
}

/** `baton standby`: runs Baton once the one that has its address is gone. */
export function standbyCommand(program: Command, { env }: CommandIo): void {
  program
    .command('standby')
    .description('stand by for the Baton that has the same address: take its calls over when it is gone')
    .option('--config <file>', 'the same as BATON_CONFIG')
    .action(async ({ config }: { config?: string }) => {
      if (config !== undefined) env.BATON_CONFIG = config
      const { main } = await import('../../main.ts')
      await main('standby')
    })
}

/** How long a standby may take to have the lease. */
const takeoverMs = 10_000

/** `baton takeover`: the lease of this address is taken from a Baton, whatever that does. */
export function takeoverCommand(program: Command, io: CommandIo): void {
  program
    .command('takeover')
    .description('have the standby take over the calls of a Baton that lives, or whose address it cannot see')
    .argument('<node>', 'NODE_NAME of the Baton that has the address')
    .action(async (node: string) => {
      const settings = await settingsOf(io)
      const { leasedAddress, LeaseStore } = await import('../../recovery/index.ts')
      const address = leasedAddress(settings)
      if (settings.redisUrl === undefined || address === undefined) {
        throw new CommandFailure('takeover needs the settings of the Baton: REDIS_URL, SIP_LISTEN, SIP_EXTERNAL_IP.')
      }
      const store = await LeaseStore.open(settings.redisUrl, address)
      try {
        const { node: holder, epoch } = await store.look()
        if (holder !== node) {
          const who = holder === '' ? 'No Baton has had' : `${holder} has`
          throw new CommandFailure(`${who} the address ${address}, not ${node}.`)
        }
        await store.giveUp()
        io.out(`${node} loses the lease of ${address}. It closes its SIP sockets.\n`)
        const taken = await within(takeoverMs, async () => {
          const view = await store.look()

          return view.isHeld && view.epoch > epoch + 1 ? view.node : undefined
        })
        if (taken === undefined) throw new CommandFailure('No standby has taken the lease: start npx baton standby.')
        io.out(`${taken} has it now.\n`)
      } finally {
        store.close()
      }
    })
}

/** Asks until there is an answer, for so long. */
async function within<T>(ms: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const until = performance.now() + ms; performance.now() < until;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(100)
  }

  return undefined
}

/** `baton engine`: runs the SIP engine alone, as a drachtio server, with drachtio-server's options, until SIGTERM. */
export function engineCommand(program: Command, io: CommandIo): void {
  program
    .command('engine')
    .description("the SIP engine alone, as a drachtio server, with drachtio-server's options (--help lists them)")
    .argument('[options...]')
    // The engine parses the options: some belong to the contact before them, so their order matters.
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (args: string[]) => {
      const { startEngine } = await import('../../../engine/drachtio/index.ts')
      const { Homer } = await import('../../hep/index.ts')
      const { EmbeddedRecord } = await import('../../sip/embedded/embedded-stack.ts')
      let homer: Homer | undefined
      const started = await startEngine(args, {
        ...io,
        version: program.version(),
        unread: () => process.stderr.writableLength,
        copiesFor: (at) => {
          const copies = (homer = new Homer({ transport: 'udp', ...at }, logTo(io)))

          return (traced) => copies.report(new EmbeddedRecord(traced), traced.message.callId)
        },
      })
      if (started.kind === 'failed') throw new CommandFailure('The engine has not been started.')
      if (started.kind === 'done') return
      // A log collector that closes the pipe (EPIPE) must not end calls.
      process.stderr.on('error', () => undefined)
      process.on('SIGHUP', () => void started.reload())
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
      })
      await started.close()
      homer?.close()
    })
}

function logTo(io: CommandIo): ConstructorParameters<typeof Homer>[1] {
  const say = (message: string, fields: object = {}) => {
    io.err(`${new Date().toISOString()} ${message} ${JSON.stringify(fields)}\n`)
  }

  return { info: say, warn: say }
}
