import type { Command } from 'commander'
import type { Surroundings } from '../cli.ts'

/** `baton serve`: starts Baton and stays. */
export function serveCommand(program: Command, { env }: Surroundings): void {
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
