import type { Command } from 'commander'

import type { CommandIo } from '../command-context.ts'
import type { Homer } from '../../hep/index.ts'
import { CommandFailure } from '../failure.ts'

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
