// npm run docs: prints the state machines into docs/architecture.md, and what an agent's refusal means into docs/calls.md.
import { writeFileSync } from 'node:fs'
import { callsPage, pageWithAgentRefusals } from './agent-refusals.ts'
import { page, pageWithMachines } from './machines.ts'

writeFileSync(page, (await pageWithMachines()).right)
writeFileSync(callsPage, (await pageWithAgentRefusals()).right)
