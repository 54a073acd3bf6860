import { MultiSelect, NativeSelect, NumberInput, SimpleGrid, TextInput } from '@mantine/core'
import type { Handoff, Table } from '../api/client'
import { texts } from '../texts'
import { advancedFields, type Field } from './fields'

interface AdvancedProps {
  table: Table
  handoff: Handoff
  change: (changes: Partial<Handoff>) => void
  errorAt: (field: string) => string | undefined
}

const labels = texts.dialog.fields as Record<string, string>

export function AdvancedFields({ table, handoff, change, errorAt }: AdvancedProps) {
  const names = table.handoffs.map(({ name }) => name).filter((name) => name !== handoff.name)
  const set = (name: keyof Handoff, value: unknown): void => {
    change({ [name]: value })
  }

  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {advancedFields(table, handoff.method ?? 'refer').map((field) => (
        <AdvancedField
          key={field.name}
          field={field}
          names={names}
          handoff={handoff}
          set={set}
          error={errorAt(field.name)}
        />
      ))}
    </SimpleGrid>
  )
}

interface FieldProps {
  field: Field
  names: string[]
  handoff: Handoff
  set: (name: keyof Handoff, value: unknown) => void
  error: string | undefined
}

function AdvancedField({ field, names, handoff, set, error }: FieldProps) {
  const { name, kind } = field
  const label = labels[name] ?? name
  const value = handoff[name]
  if (kind === 'names') {
    return (
      <MultiSelect
        label={label}
        data={names}
        value={(value as string[] | undefined) ?? []}
        error={error}
        searchable
        onChange={(chosen) => {
          set(name, chosen.length > 0 ? chosen : undefined)
        }}
      />
    )
  }
  if (kind === 'number') {
    return (
      <NumberInput
        label={label}
        min={0}
        max={field.max}
        placeholder={field.byDefault === undefined ? texts.dialog.byDefault : String(field.byDefault)}
        value={(value as number | undefined) ?? ''}
        error={error}
        onChange={(typed) => {
          set(name, typed === '' ? undefined : Number(typed))
        }}
      />
    )
  }
  if (kind === 'choice') {
    return (
      <NativeSelect
        label={label}
        data={[
          { value: '', label: texts.dialog.byDefault },
          ...field.choices.map(([choice, text]) => ({ value: choice, label: text })),
        ]}
        value={(value as string | undefined) ?? ''}
        error={error}
        onChange={({ currentTarget }) => {
          set(name, currentTarget.value || undefined)
        }}
      />
    )
  }

  return (
    <TextInput
      label={label}
      value={(value as string | undefined) ?? ''}
      error={error}
      onChange={({ currentTarget }) => {
        set(name, currentTarget.value || undefined)
      }}
    />
  )
}
