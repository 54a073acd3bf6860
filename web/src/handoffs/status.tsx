import { Badge, Group, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Target } from '../api/client'
import { keys, openingsQuery, targetsQuery } from '../api/queries'
import { RoleButton } from '../session/role-button'
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

  return (
    <Group gap={6} role="group" aria-label={texts.handoffs.inEnvironment(texts.environment[environment])}>
      <Badge color={open ? 'green' : 'orange'} variant="dot">
        {openText(open, until)}
        {opening.switch !== undefined && ` (${texts.handoffs.bySwitch})`}
      </Badge>
      {target && <Health target={target} />}
    </Group>
  )
}

/** Whether the destination answers. The hosts of handoffs are not asked by themselves unless that is configured: a button asks one. */
function Health({ target: { id, uri, state, reason } }: { target: Target }) {
  const client = useQueryClient()
  const probe = useMutation({
    mutationFn: () => api.POST('/v1/targets/{id}/{command}', { params: { path: { id, command: 'probe' } }, body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.targets }),
    onError: ({ message }) => notifications.show({ title: texts.shell.failed, message, color: 'red' }),
  })
  if (state !== 'unknown') {
    return (
      <Tooltip label={reason} events={{ hover: true, focus: true, touch: true }}>
        <Badge color={targetColors[state]} variant="dot" tabIndex={0}>
          {texts.handoffs.targetState[state]}
        </Badge>
      </Tooltip>
    )
  }

  return (
    <>
      <Badge color={targetColors.unknown} variant="dot" h="auto" styles={{ label: { whiteSpace: 'normal' } }}>
        {texts.handoffs.targetUnknown(reason)}
      </Badge>
      <RoleButton
        needs="operator"
        variant="subtle"
        size="compact-xs"
        aria-label={texts.targets.ofTarget(texts.targets.probe, uri)}
        loading={probe.isPending}
        onClick={() => {
          probe.mutate()
        }}
      >
        {texts.targets.probe}
      </RoleButton>
    </>
  )
}

function openText(open: boolean, until: string | undefined): string {
  const { handoffs } = texts
  if (until === undefined) return open ? handoffs.open : handoffs.closed

  return (open ? handoffs.openUntil : handoffs.closedUntil)(soon(until))
}
