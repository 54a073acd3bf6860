import { Badge, Group, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { openingsQuery, targetsQuery } from '../api/queries'
import { targetColors } from '../shell/target-colors'
import { texts } from '../texts'
import { soon } from '../time'
import { useMetEnvironment } from './met-environment'

/** Schedules open and close without an event. */
const openingsIntervalMs = 30_000

/** Shows the present state of a handoff in the environment that callers meet: until when it is open, and whether its destination answers. */
export function HandoffStatus({ project, handoff }: { project: string; handoff: string }) {
  const environment = useMetEnvironment(project)
  const openings = useQuery({
    ...openingsQuery(project, environment ?? 'live'),
    enabled: environment !== undefined,
    refetchInterval: openingsIntervalMs,
  }).data
  const targets = useQuery(targetsQuery).data ?? []
  const opening = openings?.handoffs.find(({ name }) => name === handoff)
  const target = targets.find(({ usedBy }) => usedBy.includes(`${project} ${environment ?? ''} ${handoff}`))
  if (!environment || !opening) return null
  const { open, until } = opening
  const state = texts.handoffs.targetState[target?.state ?? 'unknown']

  return (
    <Group gap={6} role="group" aria-label={texts.handoffs.inEnvironment(texts.environment[environment])}>
      <Badge color={open ? 'green' : 'orange'} variant="dot">
        {openText(open, until)}
        {opening.switch !== undefined && ` (${texts.handoffs.bySwitch})`}
      </Badge>
      {target && state !== '' && (
        <Tooltip label={target.reason} events={{ hover: true, focus: true, touch: true }}>
          <Badge color={targetColors[target.state]} variant="dot" tabIndex={0}>
            {state}
          </Badge>
        </Tooltip>
      )}
    </Group>
  )
}

function openText(open: boolean, until: string | undefined): string {
  const { handoffs } = texts
  if (until === undefined) return open ? handoffs.open : handoffs.closed

  return (open ? handoffs.openUntil : handoffs.closedUntil)(soon(until))
}
