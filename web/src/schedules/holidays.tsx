import { Input, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { AddButton, nextId, RemoveButton, Row } from '../fields/row'
import { texts } from '../texts'
import type { HolidayRow } from './edit'

interface HolidayProps {
  rows: readonly HolidayRow[]
  change: (rows: readonly HolidayRow[]) => void
  mistakeAt: (path: string) => string | undefined
}

const labels = texts.schedules.dialog

/** Days that have hours of their own, or none. */
export function HolidayRows({ rows, change, mistakeAt }: HolidayProps) {
  const edit = (id: number, changes: Partial<HolidayRow>): void => {
    change(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)))
  }

  return (
    <Input.Wrapper
      label={texts.schedules.holidays}
      labelElement="div"
      error={rows.length === 0 && mistakeAt('holidays')}
    >
      <Stack gap="xs" mt={4}>
        {rows.map(({ id, date, name, hours }, index) => (
          <Row key={id}>
            <SimpleGrid cols={{ base: 1, xs: 3 }} flex={1} verticalSpacing={4}>
              <TextInput
                aria-label={labels.date}
                placeholder={labels.datePlaceholder}
                value={date}
                error={mistakeAt(`holidays.${index}.date`)}
                spellCheck={false}
                onChange={({ currentTarget }) => {
                  edit(id, { date: currentTarget.value })
                }}
              />
              <TextInput
                aria-label={labels.holidayName}
                placeholder={labels.holidayName}
                value={name}
                error={mistakeAt(`holidays.${index}.name`)}
                onChange={({ currentTarget }) => {
                  edit(id, { name: currentTarget.value })
                }}
              />
              <TextInput
                aria-label={labels.holidayHours}
                placeholder={labels.holidayHours}
                value={hours}
                error={mistakeAt(`holidays.${index}.hours`)}
                spellCheck={false}
                onChange={({ currentTarget }) => {
                  edit(id, { hours: currentTarget.value })
                }}
              />
            </SimpleGrid>
            <RemoveButton
              label={labels.removeHoliday}
              remove={() => {
                change(rows.filter((row) => row.id !== id))
              }}
            />
          </Row>
        ))}
        <AddButton
          label={labels.addHoliday}
          add={() => {
            change([...rows, { id: nextId(rows), date: '', name: '', hours: '' }])
          }}
        />
      </Stack>
    </Input.Wrapper>
  )
}
