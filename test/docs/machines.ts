import { readFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { ignore, type Machine } from '../../engine/index.ts'
import { inviteClient, inviteServer, nonInviteClient, nonInviteServer } from '../../engine/transaction/machines.ts'
import { callMachine } from '../../server/calls/call-machine.ts'
import { addressMachine } from '../../server/targets/address-machine.ts'
import { handoverMachine } from '../../server/transfer/handover-machine.ts'
import { referMachine } from '../../server/transfer/refer-machine.ts'

export const page = 'docs/architecture.md'

const machines: [title: string, file: string, machine: Machine<string, string, string>][] = [
  ['INVITE client transaction', 'engine/transaction/machines.ts', inviteClient],
  ['INVITE server transaction', 'engine/transaction/machines.ts', inviteServer],
  ['Other client transactions', 'engine/transaction/machines.ts', nonInviteClient],
  ['Other server transactions', 'engine/transaction/machines.ts', nonInviteServer],
  ['A call', 'server/calls/call-machine.ts', callMachine],
  ['An address of a target', 'server/targets/address-machine.ts', addressMachine],
  ['A REFER that we sent', 'server/transfer/refer-machine.ts', referMachine],
  ['A handover, once the destination has answered', 'server/transfer/handover-machine.ts', handoverMachine],
]

/** The page as it is, and as it would be with the machines as they are in the code. */
export async function pageWithMachines(): Promise<{ found: string; right: string }> {
  const found = readFileSync(page, 'utf8')
  const printed = machines
    .map(([title, file, machine]) => `### ${title}\n\n\`${file}\`\n\n${tableOf(machine)}`)
    .join('\n\n')
  const replaced = found.replace(
    /(<!-- machines -->)[^]*(<!-- \/machines -->)/,
    (_, from, to) => `${from}\n\n${printed}\n\n${to}`,
  )

  return { found, right: await format(replaced, { ...(await resolveConfig(page)), parser: 'markdown' }) }
}

function tableOf(machine: Machine<string, string, string>): string {
  const rows = Object.entries(machine).flatMap(([state, inputs]) =>
    Object.entries(inputs).flatMap(([input, transition]) =>
      transition === ignore
        ? []
        : [
            `| ${state} | ${input} | ${transition.state === state ? '' : transition.state} | ${transition.actions.join(', ')} |`,
          ],
    ),
  )

  return ['| state | input | goes to | does |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
