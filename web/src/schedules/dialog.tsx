import { Autocomplete, Button, Checkbox, Group, Modal, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, ApiError, type Table } from '../api/client'
import { useDraft } from '../api/queries'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { changesOf, completed, editOf, fieldMistakes, type ScheduleEdit } from './edit'
import { ExceptionRows } from './exceptions'
import { HolidayRows } from './holidays'
import { weekdays } from './hours'

interface DialogProps {
  project: string
  /** The name of the schedule to edit; undefined adds one. */
  name: string | undefined
  close: () => void
}

const labels = texts.schedules.dialog

/** Adds or edits one schedule of the draft. */
export function ScheduleDialog({ project, name, close }: DialogProps) {
  const { table, etag } = useDraft(project)
  // What the edit began with: changes by another person are not gone over.
  const [base] = useState({ schedule: scheduleNamed(table, name), etag, table })
  const [edit, setEdit] = useState<ScheduleEdit>(() => editOf(base.schedule))
  const save = useSaving(project, base, edit, close)
  const mistakeAt = fieldMistakes(save.error, base.table, name)
  const change = (changes: Partial<ScheduleEdit>): void => {
    setEdit({ ...edit, ...changes })
  }
  const isLost = save.error instanceof ApiError && save.error.problem.status === 412

  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      size="xl"
      title={name === undefined ? labels.addTitle : labels.editTitle}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label={labels.name}
              description={labels.nameHelp}
              value={edit.name}
              error={mistakeAt('name')}
              required
              withAsterisk={false}
              maxLength={64}
              data-autofocus
              onChange={({ currentTarget }) => {
                change({ name: currentTarget.value })
              }}
            />
            <Autocomplete
              label={labels.timeZone}
              description={labels.timeZoneHelp}
              data={Intl.supportedValuesOf('timeZone')}
              limit={20}
              value={edit.timeZone}
              error={mistakeAt('time_zone')}
              onChange={(timeZone) => {
                change({ timeZone })
              }}
            />
          </SimpleGrid>
          <TextInput
            label={labels.description}
            value={edit.description}
            error={mistakeAt('description')}
            maxLength={1000}
            onChange={({ currentTarget }) => {
              change({ description: currentTarget.value })
            }}
          />
          <WeekFields edit={edit} change={change} mistakeAt={mistakeAt} />
          <HolidayRows
            rows={edit.holidays}
            change={(holidays) => {
              change({ holidays })
            }}
            mistakeAt={mistakeAt}
          />
          <ExceptionRows
            rows={edit.exceptions}
            change={(exceptions) => {
              change({ exceptions })
            }}
            mistakeAt={mistakeAt}
          />
          <ProblemAlert error={isLost ? new Error(labels.lostRace) : save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {labels.cancel}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {name === undefined ? labels.add : labels.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface PartProps {
  edit: ScheduleEdit
  change: (changes: Partial<ScheduleEdit>) => void
  mistakeAt: (path: string) => string | undefined
}

/** The hours of each day of the week. */
function WeekFields({ edit, change, mistakeAt }: PartProps) {
  const { hours, isWeekly } = edit

  return (
    <>
      <Checkbox
        label={labels.weekly}
        checked={isWeekly}
        onChange={({ currentTarget }) => {
          change({ isWeekly: currentTarget.checked })
        }}
      />
      {isWeekly && (
        <fieldset style={{ border: 0, padding: 0, margin: 0 }} aria-label={labels.hours}>
          <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="xs">
            {weekdays.map((day) => (
              <TextInput
                key={day}
                label={texts.schedules.days[day]}
                placeholder={texts.schedules.closedDay}
                description={day === 'mon' ? labels.hoursHelp : undefined}
                value={hours[day]}
                error={mistakeAt(`weekly/${day}`)}
                spellCheck={false}
                onChange={({ currentTarget }) => {
                  change({ hours: { ...hours, [day]: currentTarget.value } })
                }}
              />
            ))}
            <Button
              variant="light"
              size="compact-sm"
              style={{ alignSelf: 'end', justifySelf: 'start' }}
              onClick={() => {
                const { mon } = hours
                change({ hours: { ...hours, tue: mon, wed: mon, thu: mon, fri: mon } })
              }}
            >
              {labels.likeMonday}
            </Button>
          </SimpleGrid>
        </fieldset>
      )}
    </>
  )
}

interface Base {
  schedule: ReturnType<typeof scheduleNamed>
  etag: string
}

/** Saves an edit on what it began with; changes of another part of the draft are no matter. */
function useSaving(project: string, { schedule, etag }: Base, edit: ScheduleEdit, close: () => void) {
  const path = { project }

  return useProjectChange(
    project,
    async () => {
      const edited = completed(edit)
      if (!schedule) {
        await api.POST('/v1/projects/{project}/draft/schedules', { params: { path }, body: edited })
        return
      }
      const patch = (tag: string) =>
        api.PATCH('/v1/projects/{project}/draft/schedules/{schedule}', {
          params: { path: { ...path, schedule: schedule.name }, header: { 'if-match': tag } },
          body: changesOf(schedule, edited),
        })
      await patch(etag).catch(async (error: unknown) => {
        if (!(error instanceof ApiError && error.problem.status === 412)) throw error
        const { data, response } = await api.GET('/v1/projects/{project}/draft', { params: { path } })
        const theirs = data && scheduleNamed(data, schedule.name)
        if (JSON.stringify(theirs) !== JSON.stringify(schedule)) throw error
        await patch(response.headers.get('etag') ?? '')
      })
    },
    close,
  )
}

function scheduleNamed({ schedules = [] }: Table, name: string | undefined) {
  return schedules.find((schedule) => schedule.name === name)
}
