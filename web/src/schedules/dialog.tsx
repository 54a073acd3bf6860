import { Autocomplete, Button, Checkbox, Modal, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api, type Schedule } from '../api/client'
import { historyQuery, useDraft } from '../api/queries'
import { lastChange } from '../draft/last-change'
import { partMistakes, partNamed, usePartSaving } from '../draft/part'
import { SaveProblems } from '../fields/conflict'
import { DialogButtons } from '../shell/dialog-buttons'
import { useKept } from '../shell/kept'
import { texts } from '../texts'
import { completed, editOf, withField, type ScheduleEdit } from './edit'
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

/** Adds or edits one schedule of the draft. What is typed stays, over a reload too, until it is saved or cancelled. */
export function ScheduleDialog({ project, name, close }: DialogProps) {
  const { table, etag } = useDraft(project)
  const [edit, setEdit, forget] = useKept<ScheduleEdit>(`edit-schedule.${project}.${name ?? ''}`, () =>
    editOf(partNamed(table, 'schedules', name), etag),
  )
  const end = (): void => {
    forget()
    close()
  }
  const { base } = edit
  const edited = completed(edit)
  const save = usePartSaving(
    project,
    {
      list: 'schedules',
      add: (body) => api.POST('/v1/projects/{project}/draft/schedules', { params: { path: { project } }, body }),
      patch: (changed, body, ifMatch) =>
        api.PATCH('/v1/projects/{project}/draft/schedules/{schedule}', {
          params: { path: { project, schedule: changed }, header: { 'if-match': ifMatch } },
          body,
        }),
    },
    { base, etag: edit.etag, edited },
    end,
  )
  const history = useQuery(historyQuery(project)).data ?? []
  const mistakeAt = partMistakes(save.error, table, 'schedules', base?.name)
  const change = (changes: Partial<ScheduleEdit>): void => {
    setEdit({ ...edit, ...changes })
  }

  return (
    <Modal
      opened
      onClose={end}
      closeOnClickOutside={false}
      size="xl"
      title={name === undefined ? labels.addTitle : labels.editTitle}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.submit()
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
          <SaveProblems
            merge={save.merge}
            error={save.error}
            mine={edited}
            entry={base && lastChange(history, 'schedule', base.name)}
            take={(field, theirs) => {
              setEdit(withField(edit, field as keyof Schedule, theirs))
            }}
          />
          <DialogButtons cancel={end}>
            <Button type="submit" loading={save.isPending}>
              {name === undefined ? labels.add : labels.save}
            </Button>
          </DialogButtons>
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
                error={mistakeAt(`weekly.${day}`)}
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
