import type { Command } from 'commander'
import { withCli, type Cli, type Surroundings } from '../cli.ts'
import type { Finding } from '../../checkup/index.ts'
import { Failure } from '../failure.ts'
import { get } from '../request.ts'

/** `baton doctor`: whether Baton could serve here, or with `--url` whether that one does, and what to do where not. */
export function doctorCommand(program: Command, around: Surroundings): void {
  withCli(
    around,
    program.command('doctor').description('check this machine and the settings; with --url, the Baton that runs there'),
    'server',
    async (cli) => {
      const findings = cli.options.url === undefined ? await here(around) : await there(cli)
      const failed = findings.filter(({ state }) => state === 'failed')
      cli.print({ ok: failed.length === 0, findings }, ({ findings }) => findings.map(findingText).join(''))
      if (failed.length > 0) throw new Failure(`${failed.length} of ${findings.length} checks have failed.`)
    },
  )
}

async function here({ env }: Surroundings): Promise<Finding[]> {
  const { checkup } = await import('../checkup.ts')

  return checkup(env)
}

/** What a running Baton says of itself; nothing of this machine. */
async function there(cli: Cli): Promise<Finding[]> {
  return (JSON.parse((await cli.send(get('/v1/doctor'))).text) as { findings: Finding[] }).findings
}

function findingText({ check, state, detail, hint }: Finding): string {
  const mark = { ok: ' ok ', warning: 'warn', failed: 'FAIL' }[state]

  return `[${mark}] ${check}: ${detail}\n${hint === undefined ? '' : `       ${hint}\n`}`
}
