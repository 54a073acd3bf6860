import { Fieldset, MultiSelect, NativeSelect, NumberInput, SimpleGrid, TextInput } from '@mantine/core'
import { texts } from '../texts'
import { choiceLabel, fieldLabel } from './labels'
import { ListField } from './list-field'
import { PairsField } from './pairs-field'
import { helpOf, kindOf, type FieldSchema } from './schema'

export interface FieldProps {
  /** The field's path in the handoff or the settings, such as `caller_id.from`. */
  path: string
  schema: FieldSchema
  value: unknown
  /** Undefined removes the field. */
  set: (value: unknown) => void
  errorAt: (path: string) => string | undefined
  /** The names that the field may hold, such as other handoffs, beyond what its schema says. */
  namesFor: (path: string) => readonly string[] | undefined
}

/** Edits a field of the project file as its schema describes it. */
export function Field(props: FieldProps) {
  const { path, schema, value, set, errorAt, namesFor } = props
  const common = { label: fieldLabel(path), description: helpOf(schema), error: errorAt(path) }
  const names = namesFor(path)
  const kind = kindOf(schema)
  if (kind === 'group') return <GroupField {...props} />
  if (kind === 'pairs') return <PairsField {...common} value={value} set={set} />
  if (kind === 'number') return <NumberField {...common} schema={schema} value={value} set={set} />
  if (kind === 'list' && !names) return <ListField {...common} value={value} set={set} />
  if (kind === 'list') {
    return (
      <MultiSelect
        {...common}
        data={[...new Set([...(names ?? []), ...((value as string[] | undefined) ?? [])])]}
        value={(value as string[] | undefined) ?? []}
        searchable
        onChange={(chosen) => {
          set(chosen.length > 0 ? chosen : undefined)
        }}
      />
    )
  }
  if (kind === 'text' && !names) {
    return (
      <TextInput
        {...common}
        value={(value as string | undefined) ?? ''}
        maxLength={schema.maxLength}
        spellCheck={false}
        onChange={({ currentTarget }) => {
          set(currentTarget.value || undefined)
        }}
      />
    )
  }

  return <ChoiceField {...common} path={path} schema={schema} names={names} value={value} set={set} />
}

interface CommonProps {
  label: string
  description: string
  error: string | undefined
  schema: FieldSchema
  value: unknown
  set: (value: unknown) => void
}

function NumberField({ schema, value, set, ...common }: CommonProps) {
  const { minimum = 0, maximum, default: usual } = schema

  return (
    <NumberInput
      {...common}
      min={minimum}
      {...(maximum !== undefined && { max: maximum })}
      clampBehavior="none"
      placeholder={usual === undefined ? texts.fields.byDefault : String(usual)}
      value={(value as number | undefined) ?? ''}
      onChange={(typed) => {
        set(typed === '' ? undefined : Number(typed))
      }}
    />
  )
}

interface ChoiceProps extends CommonProps {
  path: string
  names: readonly string[] | undefined
}

function ChoiceField({ path, schema, names, value, set, ...common }: ChoiceProps) {
  const isYesNo = kindOf(schema) === 'yes_no'
  const values = names ?? (isYesNo ? ['true', 'false'] : (schema.enum ?? []))
  const usual = schema.default === undefined ? undefined : choiceLabel(path, String(schema.default))
  const shown = typeof value === 'string' || typeof value === 'boolean' ? String(value) : ''
  const known = shown === '' || values.includes(shown) ? values : [...values, shown]

  return (
    <NativeSelect
      {...common}
      data={[
        { value: '', label: usual === undefined ? texts.fields.byDefault : texts.fields.usually(usual) },
        ...known.map((choice) => ({ value: choice, label: names ? choice : choiceLabel(path, choice) })),
      ]}
      value={shown}
      onChange={({ currentTarget: { value: chosen } }) => {
        if (chosen === '') set(undefined)
        else set(isYesNo ? chosen === 'true' : chosen)
      }}
    />
  )
}

/** A field that holds fields; without any of them it is left out. */
function GroupField({ path, schema, value, set, errorAt, namesFor }: FieldProps) {
  const values = (value ?? {}) as Record<string, unknown>

  return (
    <Fieldset legend={fieldLabel(path)} style={{ gridColumn: '1 / -1' }}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {Object.entries(schema.properties ?? {}).map(([name, inner]) => (
          <Field
            key={name}
            path={`${path}.${name}`}
            schema={inner}
            value={values[name]}
            set={(changed) => {
              const kept = Object.entries({ ...values, [name]: changed }).filter(([, one]) => one !== undefined)
              set(kept.length > 0 ? Object.fromEntries(kept) : undefined)
            }}
            errorAt={errorAt}
            namesFor={namesFor}
          />
        ))}
      </SimpleGrid>
    </Fieldset>
  )
}
