import type { Command } from 'commander'
import { withContext, type CommandContext, type CommandProcess } from '../command-context.ts'
import type { CheckFinding } from '../../checkup/index.ts'
import { Failure } from '../failure.ts'
import { get } from '../api-request.ts'

/** `baton doctor`: whether Baton could serve here, or with `--url` whether that one does, and what to do where not. */
export function doctorCommand(program: Command, around: CommandProcess): void {
  withContext(
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

async function here({ env }: CommandProcess): Promise<CheckFinding[]> {
  const { machineCheckup: machineCheckup } = await import('../machine-checkup.ts')

  return machineCheckup(env)
}

/** What a running Baton says of itself; nothing of this machine. */
async function there(cli: CommandContext): Promise<CheckFinding[]> {
  return (JSON.parse((await cli.send(get('/v1/doctor'))).text) as { findings: CheckFinding[] }).findings
}

function findingText({ check, state, detail, hint }: CheckFinding): string {
  const mark = { ok: ' ok ', warning: 'warn', failed: 'FAIL' }[state]

  return `[${mark}] ${check}: ${detail}\n${hint === undefined ? '' : `       ${hint}\n`}`
}
