import { readFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { agentRefusals, type AgentRefusal } from '../../server/calls/agent-refusals.ts'

export const callsPage = 'docs/calls.md'

/** The page as it is, and as it would be with the list as it is in the code. */
export async function pageWithAgentRefusals(): Promise<{ found: string; right: string }> {
  const found = readFileSync(callsPage, 'utf8')
  const items = agentRefusals.map(({ statuses, refusal, says }) => {
    const named = typeof statuses === 'string' ? `${statuses}, otherwise` : statuses.join(', ')

    return `- **${named}**: ${says}; the caller ${becomes(refusal)}`
  })
  const list = await format(items.join('\n'), { parser: 'markdown', proseWrap: 'always', printWidth: 140 })
  const replaced = found.replace(
    /(<!-- agent refusals -->)[^]*(<!-- \/agent refusals -->)/,
    (_, from, to) => `${from}\n\n${list}\n\n${to}`,
  )

  return { found, right: await format(replaced, { ...(await resolveConfig(callsPage)), parser: 'markdown' }) }
}

function becomes(refusal: AgentRefusal): string {
  if (refusal.then === 'follow') return 'goes where the agent points, else to the next agent'
  if (refusal.then === 'next') return 'goes to the next agent'

  return refusal.status === undefined ? 'gets the same' : `gets ${refusal.status}`
}
