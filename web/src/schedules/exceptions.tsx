import { Input, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { AddButton, nextId, RemoveButton, Row } from '../fields/row'
import { texts } from '../texts'
import type { ExceptionRow } from './edit'

interface ExceptionProps {
  rows: readonly ExceptionRow[]
  change: (rows: readonly ExceptionRow[]) => void
  mistakeAt: (path: string) => string | undefined
}

const labels = texts.schedules.dialog

/** Times at which the schedule is open or closed whatever its hours say, in its own time zone. */
export function ExceptionRows({ rows, change, mistakeAt }: ExceptionProps) {
  const edit = (id: number, changes: Partial<ExceptionRow>): void => {
    change(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)))
  }

  return (
    <Input.Wrapper label={texts.schedules.exceptions} labelElement="div">
      <Stack gap="xs" mt={4}>
        {rows.map(({ id, kind, from, until, reason }, index) => (
          <Row key={id}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} flex={1} verticalSpacing={4}>
              <NativeSelect
                label={labels.kind}
                data={(['closed', 'open'] as const).map((one) => ({ value: one, label: labels.kinds[one] }))}
                value={kind}
                onChange={({ currentTarget }) => {
                  edit(id, { kind: currentTarget.value as ExceptionRow['kind'] })
                }}
              />
              <TextInput
                label={labels.reason}
                value={reason}
                error={mistakeAt(`overrides.${index}.reason`)}
                onChange={({ currentTarget }) => {
                  edit(id, { reason: currentTarget.value })
                }}
              />
              <TextInput
                type={inputType(from)}
                label={labels.from}
                value={from}
                error={mistakeAt(`overrides.${index}.from`)}
                onChange={({ currentTarget }) => {
                  edit(id, { from: currentTarget.value })
                }}
              />
              <TextInput
                type={inputType(until)}
                label={labels.until}
                value={until}
                error={mistakeAt(`overrides.${index}.until`)}
                onChange={({ currentTarget }) => {
                  edit(id, { until: currentTarget.value })
                }}
              />
            </SimpleGrid>
            <RemoveButton
              label={labels.removeException}
              remove={() => {
                change(rows.filter((row) => row.id !== id))
              }}
            />
          </Row>
        ))}
        <AddButton
          label={labels.addException}
          add={() => {
            change([...rows, { id: nextId(rows), kind: 'closed', from: '', until: '', reason: '' }])
          }}
        />
      </Stack>
    </Input.Wrapper>
  )
}

/** A time that was written with seconds or an offset is edited as text: the browser's field would not show it. */
function inputType(time: string): 'datetime-local' | 'text' {
  return time === '' || /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(time) ? 'datetime-local' : 'text'
}
