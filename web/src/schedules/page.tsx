import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useProjectName } from '../address'
import { useDraft } from '../api/queries'
import { IconPlus } from '../icons'
import { texts } from '../texts'
import { ScheduleCard } from './card'
import { ScheduleDialog } from './dialog'
import { OpenAt } from './open-at'

/** What the dialog edits: a schedule by its name, or a new one. */
type Editing = { schedule?: string } | undefined

export function SchedulesPage() {
  const project = useProjectName()
  const { table } = useDraft(project)
  const { schedules = [] } = table
  const [editing, setEditing] = useState<Editing>()

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{texts.navigation.schedules}</Title>
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => {
            setEditing({})
          }}
        >
          {texts.schedules.add}
        </Button>
      </Group>
      {schedules.length === 0 && <Text c="dimmed">{texts.schedules.none}</Text>}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {schedules.map((schedule) => (
          <ScheduleCard
            key={schedule.name}
            project={project}
            schedule={schedule}
            table={table}
            edit={() => {
              setEditing({ schedule: schedule.name })
            }}
          />
        ))}
      </SimpleGrid>
      <OpenAt project={project} />
      {editing && (
        <ScheduleDialog
          project={project}
          name={editing.schedule}
          close={() => {
            setEditing(undefined)
          }}
        />
      )}
    </Stack>
  )
}
