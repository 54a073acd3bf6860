import { ActionIcon, Button, Fieldset, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { IconX } from '../icons'
import type { Handoff } from '../api/client'
import { texts } from '../texts'
import { variables } from './fields'

export interface HeaderRow {
  id: number
  name: string
  value: string
}

let lastId = 0

export function rowsOf(headers: Handoff['headers'] = {}): HeaderRow[] {
  return Object.entries(headers).map(([name, value]) => ({ id: ++lastId, name, value }))
}

/** Undefined where no row has a name. */
export function headersOf(rows: readonly HeaderRow[]): Handoff['headers'] {
  const named = rows.filter(({ name }) => name.trim() !== '')

  return named.length === 0 ? undefined : Object.fromEntries(named.map(({ name, value }) => [name.trim(), value]))
}

interface HeaderRowsProps {
  rows: readonly HeaderRow[]
  change: (rows: HeaderRow[]) => void
  errorAt: (header: string) => string | undefined
}

/** The X- headers of a handoff, one row each. */
export function HeaderRows({ rows, change, errorAt }: HeaderRowsProps) {
  const edit = (id: number, changes: Partial<HeaderRow>): void => {
    change(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)))
  }

  return (
    <Fieldset legend={texts.dialog.headers}>
      <Stack gap="xs">
        {rows.map(({ id, name, value }) => (
          <Group key={id} align="flex-start" gap="xs" wrap="wrap">
            <TextInput
              aria-label={texts.dialog.headerName}
              placeholder="X-Account"
              value={name}
              error={errorAt(name)}
              spellCheck={false}
              style={{ flex: '1 1 9rem' }}
              onChange={({ currentTarget }) => {
                edit(id, { name: currentTarget.value })
              }}
            />
            <TextInput
              aria-label={texts.dialog.headerValue}
              placeholder="acct-${account}"
              value={value}
              spellCheck={false}
              style={{ flex: '2 1 12rem' }}
              onChange={({ currentTarget }) => {
                edit(id, { value: currentTarget.value })
              }}
            />
            <NativeSelect
              aria-label={texts.dialog.insertVariable}
              data={[{ value: '', label: '$' }, ...variables.map((variable) => ({ value: variable, label: variable }))]}
              value=""
              w={72}
              onChange={({ currentTarget }) => {
                edit(id, { value: `${value}\${${currentTarget.value}}` })
              }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`${texts.dialog.removeHeader} ${name}`}
              onClick={() => {
                change(rows.filter((row) => row.id !== id))
              }}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {rows.length === 0 && (
          <Text size="sm" c="dimmed">
            {texts.dialog.noHeaders}
          </Text>
        )}
        <Button
          variant="light"
          size="compact-sm"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => {
            change([...rows, { id: ++lastId, name: '', value: '' }])
          }}
        >
          {texts.dialog.addHeader}
        </Button>
      </Stack>
    </Fieldset>
  )
}
