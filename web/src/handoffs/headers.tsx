import { Fieldset, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useRef } from 'react'
import type { Explanation } from '../api/client'
import { AddButton, nextId, RemoveButton } from '../fields/row'
import { texts } from '../texts'
import type { HeaderRow } from './edit'
import classes from './headers.module.css'

interface HeaderRowsProps {
  rows: readonly HeaderRow[]
  change: (rows: HeaderRow[]) => void
  errorAt: (path: string) => string | undefined
  /** The server's explanation of the handoff for the sample call. */
  explanation: Explanation | undefined
  /** Variables beside those of the sample call, such as those of other environments. */
  otherVariables: readonly string[]
}

/** The headers of a handoff, one row each, with what each becomes. */
export function HeaderRows({ rows, change, errorAt, explanation, otherVariables }: HeaderRowsProps) {
  const [attempt] = explanation?.attempts ?? []
  const edit = (id: number, changes: Partial<HeaderRow>): void => {
    change(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)))
  }

  return (
    <Fieldset legend={texts.dialog.headers}>
      <Stack gap="sm">
        {rows.map((row) => (
          <HeaderFields
            key={row.id}
            row={row}
            edit={(changes) => {
              edit(row.id, changes)
            }}
            remove={() => {
              change(rows.filter(({ id }) => id !== row.id))
            }}
            error={errorAt(`headers.${row.name}`)}
            becomes={attempt ? valueOf(attempt.headers, row.name) : undefined}
            variables={{ ...Object.fromEntries(otherVariables.map((name) => [name, ''])), ...explanation?.variables }}
          />
        ))}
        {rows.length === 0 && (
          <Text size="sm" c="dimmed">
            {texts.dialog.noHeaders}
          </Text>
        )}
        <AddButton
          label={texts.dialog.addHeader}
          add={() => {
            change([...rows, { id: nextId(rows), name: '', value: '' }])
          }}
        />
        {rows.length > 0 && attempt && <Room attempt={attempt} />}
      </Stack>
    </Fieldset>
  )
}

interface HeaderFieldsProps {
  row: HeaderRow
  edit: (changes: Partial<HeaderRow>) => void
  remove: () => void
  error: string | undefined
  becomes: string | undefined
  /** Names with the values that they have in the sample call. */
  variables: Readonly<Record<string, string>>
}

function HeaderFields({ row: { name, value }, edit, remove, error, becomes, variables }: HeaderFieldsProps) {
  const field = useRef<HTMLInputElement>(null)
  const insert = (variable: string): void => {
    const at = field.current?.selectionStart ?? value.length
    edit({ value: `${value.slice(0, at)}\${${variable}}${value.slice(field.current?.selectionEnd ?? at)}` })
    field.current?.focus()
  }

  return (
    <div className={classes.row}>
      <TextInput
        aria-label={texts.dialog.headerName}
        placeholder={texts.dialog.headerNameExample}
        value={name}
        spellCheck={false}
        onChange={({ currentTarget }) => {
          edit({ name: currentTarget.value })
        }}
      />
      <TextInput
        ref={field}
        aria-label={texts.dialog.headerValue}
        placeholder={texts.dialog.headerValueExample}
        value={value}
        error={error}
        description={
          name === '' || value === '' || becomes === undefined || becomes === value
            ? undefined
            : texts.dialog.headerBecomes(becomes)
        }
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        spellCheck={false}
        onChange={({ currentTarget }) => {
          edit({ value: currentTarget.value })
        }}
      />
      <NativeSelect
        aria-label={texts.dialog.insertVariable}
        data={[
          { value: '', label: texts.dialog.variable },
          ...Object.entries(variables).map(([variable, now]) => ({
            value: variable,
            label: now === '' ? variable : `${variable} (${now})`,
          })),
        ]}
        value=""
        onChange={({ currentTarget }) => {
          insert(currentTarget.value)
        }}
      />
      <RemoveButton label={texts.dialog.removeHeader(name)} remove={remove} />
    </div>
  )
}

/** Header names are compared without case (RFC 3261 7.3.1). A header that is left out has no value. */
function valueOf(headers: Readonly<Record<string, string>>, name: string): string {
  return Object.entries(headers).find(([one]) => one.toLowerCase() === name.trim().toLowerCase())?.[1] ?? ''
}

function Room({ attempt: { headers, headerBytes, headerLimits } }: { attempt: Explanation['attempts'][number] }) {
  const { count, bytesTotal } = headerLimits

  return (
    <Text size="xs" c="dimmed">
      {texts.dialog.room({
        bytes: headerBytes,
        maxBytes: bytesTotal,
        count: Object.keys(headers).length,
        maxCount: count,
      })}
    </Text>
  )
}
