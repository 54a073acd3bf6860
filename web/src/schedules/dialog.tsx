import { Autocomplete, Button, Checkbox, SimpleGrid, TextInput } from '@mantine/core'
import { api } from '../api/client'
import { usePartEdit, type PartDialogProps } from '../draft/part'
import { PartDialog } from '../draft/part-dialog'
import { texts } from '../texts'
import { completed, editOf, withField, type ScheduleEdit } from './edit'
import { ExceptionRows } from './exceptions'
import { HolidayRows } from './holidays'
import { weekdays } from './hours'

const labels = texts.schedules.dialog

/** Adds or edits one schedule of the draft. */
export function ScheduleDialog(props: PartDialogProps) {
  const { project, name } = props
  const part = usePartEdit(props, {
    list: 'schedules',
    keptAs: 'edit-schedule',
    typed: editOf,
    completed,
    add: (body) => api.POST('/v1/projects/{project}/draft/schedules', { params: { path: { project } }, body }),
    patch: (schedule, body, ifMatch) =>
      api.PATCH('/v1/projects/{project}/draft/schedules/{schedule}', {
        params: { path: { project, schedule }, header: { 'if-match': ifMatch } },
        body,
      }),
  })
  const { edit, setEdit } = part
  const mistakeAt = part.mistakesOf(part.save.error)
  const change = (changes: Partial<ScheduleEdit>): void => {
    setEdit({ ...edit, ...changes })
  }

  return (
    <PartDialog
      part={part}
      title={name === undefined ? labels.addTitle : labels.editTitle}
      action={name === undefined ? labels.add : labels.save}
      take={(field, theirs) => {
        setEdit(withField(edit, field, theirs))
      }}
    >
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
    </PartDialog>
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
