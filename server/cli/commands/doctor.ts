import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { withContext, type CommandIo, type CommonOptions } from '../command-context.ts'
import type { CheckFinding } from '../../checkup/index.ts'
import { get, post, CommandFailure } from '../api-request.ts'

interface DoctorOptions extends CommonOptions {
  strict?: true
}

/** `baton doctor`: the findings about this machine and its Baton or, with `--url`, about a Baton elsewhere. */
export function doctorCommand(program: Command, io: CommandIo): void {
  withContext<DoctorOptions>(
    io,
    program
      .command('doctor')
      .description(
        'check this machine, the settings and all that calls are sent to; with --url, the Baton that runs there',
      )
      .option('--strict', 'exit with 1 for warnings, too'),
    'server',
    async (context, { strict }) => {
      const findings = context.options.url === undefined ? await localFindings(io, context) : await findingsOf(context)
      const wrong = findings.filter(({ state }) => state === 'failed' || (strict && state === 'warning'))
      context.print({ ok: wrong.length === 0, findings }, () => findings.map(findingText).join(''))
      if (wrong.length > 0) throw new CommandFailure(`${wrong.length} of ${findings.length} checks have failed.`)
    },
  )
}

/** The findings about this machine, and about the Baton of its settings, which is asked when it runs. */
async function localFindings({ env }: CommandIo, context: CommandContext): Promise<CheckFinding[]> {
  const { machineCheckup } = await import('../machine-checkup.ts')
  const { findings, running } = await machineCheckup(env)
  if (running === undefined) return findings
  const told = await findingsOf(context).catch((error: unknown): CheckFinding[] => {
    if (!(error instanceof CommandFailure)) throw error
    const hint = 'Give a token: --token or ADMIN_TOKEN.'

    return [{ check: 'Baton', state: 'failed', detail: `${running} tells nothing: ${error.message}`, hint }]
  })

  return [...findings, ...told]
}

/** An operator's token has every target asked first; a viewer's gets what is known. */
async function findingsOf(context: CommandContext): Promise<CheckFinding[]> {
  const path = '/v1/doctor'
  const answer = await context.send(post(path)).catch((error: unknown) => {
    if (!(error instanceof CommandFailure) || error.problem.status !== 403) throw error

    return context.send(get(path))
  })

  return (JSON.parse(answer.text) as { findings: CheckFinding[] }).findings
}

function findingText({ check, state, detail, where, hint }: CheckFinding): string {
  const mark = { ok: ' ok ', warning: 'warn', failed: 'FAIL' }[state]
  const advice = [where, hint].filter((part) => part !== undefined).join(': ')

  return `[${mark}] ${check}: ${detail}\n${advice === '' ? '' : `       ${advice}\n`}`
}
