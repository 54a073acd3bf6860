import type { Command } from 'commander'
import { withCli, type Surroundings } from '../cli.ts'
import type { Finding } from '../checkup.ts'
import { Failure } from '../failure.ts'

/** `baton doctor`: whether Baton could serve here, and what to do where it could not. */
export function doctorCommand(program: Command, around: Surroundings): void {
  withCli(
    around,
    program.command('doctor').description('check this machine and the settings'),
    'server',
    async (cli) => {
      const { checkup } = await import('../checkup.ts')
      const findings = await checkup(around.env)
      const failed = findings.filter(({ state }) => state === 'failed')
      cli.print({ ok: failed.length === 0, findings }, ({ findings }) => findings.map(findingText).join(''))
      if (failed.length > 0) throw new Failure(`${failed.length} of ${findings.length} checks have failed.`)
    },
  )
}

function findingText({ check, state, detail, hint }: Finding): string {
  const mark = { ok: ' ok ', warning: 'warn', failed: 'FAIL' }[state]

  return `[${mark}] ${check}: ${detail}\n${hint === undefined ? '' : `       ${hint}\n`}`
}
