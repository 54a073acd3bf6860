import type { Command } from 'commander'
import { withContext, type CommandContext, type CommandIo } from '../command-context.ts'
import type { CheckFinding } from '../../checkup/index.ts'
import { Failure } from '../failure.ts'
import { get } from '../api-request.ts'

/** `baton doctor`: the findings about this machine or, with `--url`, about a running Baton. */
export function doctorCommand(program: Command, io: CommandIo): void {
  withContext(
    io,
    program.command('doctor').description('check this machine and the settings; with --url, the Baton that runs there'),
    'server',
    async (context) => {
      const findings = context.options.url === undefined ? await localFindings(io) : await remoteFindings(context)
      const failed = findings.filter(({ state }) => state === 'failed')
      context.print({ ok: failed.length === 0, findings }, () => findings.map(findingText).join(''))
      if (failed.length > 0) throw new Failure(`${failed.length} of ${findings.length} checks have failed.`)
    },
  )
}

async function localFindings({ env }: CommandIo): Promise<CheckFinding[]> {
  const { machineCheckup: machineCheckup } = await import('../machine-checkup.ts')

  return machineCheckup(env)
}

async function remoteFindings(context: CommandContext): Promise<CheckFinding[]> {
  return (JSON.parse((await context.send(get('/v1/doctor'))).text) as { findings: CheckFinding[] }).findings
}

function findingText({ check, state, detail, hint }: CheckFinding): string {
  const mark = { ok: ' ok ', warning: 'warn', failed: 'FAIL' }[state]

  return `[${mark}] ${check}: ${detail}\n${hint === undefined ? '' : `       ${hint}\n`}`
}
