import { Badge, Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useProjectChange } from '../api/changes'
import { api, type ActiveSwitch } from '../api/client'
import { switchesQuery } from '../api/queries'
import { ProblemAlert } from '../shell/problem'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'
import { moment } from '../time'
import { subjectName } from './subject'

/** Stands on every page of a project while switches are in force. */
export function SwitchBar({ project }: { project: string }) {
  const { data: switches = [], refetch } = useQuery(switchesQuery(project))
  const first = Math.min(...switches.map(({ until }) => (until === undefined ? Infinity : Date.parse(until))))
  // The event of an expiry may be missed; the bar never shows what has expired.
  useEffect(() => {
    if (!Number.isFinite(first)) return
    const timer = setTimeout(() => void refetch(), Math.min(Math.max(first - Date.now(), 0) + 500, 3_600_000))

    return () => {
      clearTimeout(timer)
    }
  }, [first, refetch])
  if (switches.length === 0) return null

  return (
    <Paper
      component="section"
      aria-label={texts.switches.region}
      withBorder
      p="sm"
      mb="md"
      style={{ borderColor: 'var(--mantine-color-orange-6)' }}
    >
      <Stack gap="xs">
        {switches.map((one) => (
          <ActiveRow key={one.id} project={project} one={one} />
        ))}
      </Stack>
    </Paper>
  )
}

function ActiveRow({ project, one }: { project: string; one: ActiveSwitch }) {
  const { id, environment, until, by, reason, overriddenBy } = one
  const name = environment as keyof typeof texts.environment
  const path = { project, environment, switch: id }
  const undo = useProjectChange(
    project,
    () => api.DELETE('/v1/projects/{project}/environments/{environment}/switches/{switch}', { params: { path } }),
    () => undefined,
  )
  const what = whatText(one)

  return (
    <>
      <Group justify="space-between" gap="xs">
        <Group gap="xs" style={{ minWidth: 0 }}>
          <Badge variant="light" color={environment === 'live' ? 'red' : 'gray'}>
            {texts.environment[name]}
          </Badge>
          <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
            {what} {until === undefined ? texts.switches.untilUndone : texts.switches.untilTime(moment(until))}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {texts.switches.by(by, reason)}
          </Text>
          {overriddenBy !== undefined && (
            <Badge variant="outline" color="gray">
              {texts.switches.overridden}
            </Badge>
          )}
        </Group>
        <RoleButton
          needs="operator"
          variant="default"
          size="xs"
          aria-label={texts.switches.undoNamed(what)}
          loading={undo.isPending}
          onClick={() => {
            undo.mutate()
          }}
        >
          {texts.switches.undo}
        </RoleButton>
      </Group>
      <ProblemAlert error={undo.error} />
    </>
  )
}

function whatText({ action, to = '', ...subject }: ActiveSwitch): string {
  const name = subjectName(subject)

  return action === 'divert' ? texts.switches.what.divert(name, to) : texts.switches.what[action](name)
}
