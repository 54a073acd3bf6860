import { Anchor, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { transfersQuery } from '../api/queries'
import { texts } from '../texts'
import { callsOfTransfers } from '../transfers/view'
import { useMetEnvironment } from './met-environment'

const lastHour = { lengthMs: 3_600_000, stepMs: 60_000 }

/** The share of the last hour's transfers to a handoff that succeeded where callers meet it, with a link to their calls. */
export function HandoffSuccess({ project, handoff }: { project: string; handoff: string }) {
  const environment = useMetEnvironment(project)
  const counts = useQuery({
    ...transfersQuery(project, lastHour, { by: 'handoff', ...(environment && { environment }) }),
    enabled: environment !== undefined,
  }).data
  if (!counts) return null
  const group = counts.groups.find(({ labels }) => labels.handoff === handoff)
  if (!group) {
    return (
      <Text size="xs" c="dimmed">
        {texts.handoffs.noTransfers}
      </Text>
    )
  }

  return (
    <Anchor
      component={Link}
      to={`/p/${project}/calls`}
      search={callsOfTransfers({ from: counts.from, environment, rehearsals: false }, { handoff }) as never}
      size="xs"
    >
      {texts.handoffs.succeeded(group.count, group.results.succeeded / group.count)}
    </Anchor>
  )
}
