import { Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useProjectName } from '../address'
import { useDraft } from '../api/queries'
import { IconPlus } from '../icons'
import { RoleButton } from '../session/role-button'
import { useKept } from '../shell/kept'
import { texts } from '../texts'
import { ScheduleCard } from './card'
import { ScheduleDialog } from './dialog'
import { OpenAt } from './open-at'

/** What the dialog edits: a schedule by its name, or a new one. */
type Editing = { schedule?: string } | null

export function SchedulesPage() {
  const project = useProjectName()
  const { table } = useDraft(project)
  const { schedules = [] } = table
  const [editing, setEditing] = useKept<Editing>(`editing-schedule.${project}`, () => null)

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{texts.navigation.schedules}</Title>
        <RoleButton
          needs="operator"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => {
            setEditing({})
          }}
        >
          {texts.schedules.add}
        </RoleButton>
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
            setEditing(null)
          }}
        />
      )}
    </Stack>
  )
}
