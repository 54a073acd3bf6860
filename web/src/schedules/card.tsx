import { Card, Group, List, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'

import { useProjectChange } from '../api/changes'
import { api, type Schedule, type Table } from '../api/client'
import { RoleButton } from '../session/role-button'
import { ConfirmDialog } from '../shell/confirm'
import { SwitchButtons } from '../switches/buttons'
import { texts } from '../texts'
import { Week } from './week'

interface CardProps {
  project: string
  schedule: Schedule
  table: Table
  edit: () => void
}

/** Shows a schedule of the draft: its week as a picture, its holidays and exceptions, and the handoffs that keep to it. */
export function ScheduleCard({ project, schedule, table, edit }: CardProps) {
  const { name, description, time_zone, holidays = [], overrides = [] } = schedule
  const namers = namersOf(table, name)
  const [isRemoving, removing] = useDisclosure()
  const labels = texts.schedules

  return (
    <Card component="article" aria-label={name} withBorder padding="md">
      <Stack gap="xs" h="100%">
        <Group justify="space-between" gap="xs">
          <Title order={3} size="h5" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Title>
          <Text size="sm" c="dimmed">
            {time_zone}
          </Text>
        </Group>
        {description && <Text size="sm">{description}</Text>}
        <Week schedule={schedule} />
        {holidays.length > 0 && (
          <div>
            <Text size="sm" fw={500}>
              {labels.holidays}
            </Text>
            <List size="sm">
              {holidays.map(({ date, name: holiday = '', hours = [] }) => (
                <List.Item key={date}>
                  {date.startsWith('*-') ? labels.everyYear(date.slice(2)) : date}
                  {holiday === '' ? '' : ` ${holiday}`}: {hours.join(', ') || labels.closedDay}
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {overrides.length > 0 && (
          <div>
            <Text size="sm" fw={500}>
              {labels.exceptions}
            </Text>
            <List size="sm">
              {overrides.map(({ open, from = '', until, reason = '' }) => (
                <List.Item key={`${from} ${until}`}>
                  {labels.exception(open, wallTime(from), wallTime(until))}
                  {reason === '' ? '' : ` (${reason})`}
                </List.Item>
              ))}
            </List>
          </div>
        )}
        <Text size="sm" c="dimmed">
          {namers.length === 0 ? labels.notNamed : labels.namedBy(namers.join(', '))}
        </Text>
        <Group gap={4} mt="auto">
          <RoleButton needs="operator" variant="light" size="compact-sm" onClick={edit}>
            {labels.edit}
          </RoleButton>
          <RoleButton needs="operator" variant="subtle" size="compact-sm" color="red" onClick={removing.open}>
            {labels.remove}
          </RoleButton>
          <SwitchButtons project={project} subject={{ schedule: name }} hasHours />
        </Group>
      </Stack>
      {isRemoving && <RemoveDialog project={project} name={name} namers={namers} close={removing.close} />}
    </Card>
  )
}

/** A time of the schedule's own clock, as it is written, in a readable form. */
function wallTime(time: string): string {
  return time.replace('T', ' ')
}

interface RemoveProps {
  project: string
  name: string
  namers: readonly string[]
  close: () => void
}

function RemoveDialog({ project, name, namers, close }: RemoveProps) {
  const path = { project, schedule: name }
  const remove = useProjectChange(
    project,
    () => api.DELETE('/v1/projects/{project}/draft/schedules/{schedule}', { params: { path } }),
    close,
  )

  return (
    <ConfirmDialog
      title={texts.schedules.removeTitle(name)}
      action={texts.schedules.remove}
      mutation={remove}
      close={close}
    >
      {namers.length === 0 ? texts.schedules.removeAsk : texts.schedules.mayNotRemove(namers.join(', '))}
    </ConfirmDialog>
  )
}

/** The handoffs and rules of a table that name a schedule. */
function namersOf({ handoffs, rules = [] }: Table, schedule: string): string[] {
  return [
    ...handoffs.filter((handoff) => handoff.schedule === schedule).map(({ name }) => name),
    ...rules.filter(({ when }) => when?.schedule === schedule).map(({ name }) => texts.schedules.rule(name)),
  ]
}
