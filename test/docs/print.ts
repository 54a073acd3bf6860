// npm run docs: prints the state machines into docs/architecture.md.
import { writeFileSync } from 'node:fs'
import { page, pageWithMachines } from './machines.ts'

writeFileSync(page, (await pageWithMachines()).right)
