import { SimpleGrid, Stack, Text } from '@mantine/core'
import { useProjectName } from '../address'
import { useDraft } from '../api/queries'
import { PartsHead } from '../draft/parts-head'
import { useKept } from '../shell/kept'
import { texts } from '../texts'
import { ScheduleCard } from './card'
import { ScheduleDialog } from './dialog'
import { OpenAt } from './open-at'

/** The schedule that the dialog edits, by its name; `{}` is a new one. */
type Editing = { schedule?: string } | null

export function SchedulesPage() {
  const project = useProjectName()
  const { table } = useDraft(project)
  const { schedules = [] } = table
  const [editing, setEditing] = useKept<Editing>(`editing-schedule.${project}`, () => null)

  return (
    <Stack>
      <PartsHead
        title={texts.navigation.schedules}
        action={texts.schedules.add}
        add={() => {
          setEditing({})
        }}
      />
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
