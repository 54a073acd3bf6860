import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useId, useState } from 'react'
import { texts } from '../texts'
import { isoTime, localTime, type CallFilter, type FilterName } from './filter'

/** The pause in typing after which calls are searched. */
const typingMs = 300
const labels = texts.callSearch

interface FilterFormProps {
  filter: CallFilter
  change: (change: CallFilter) => void
  /** The proposals of a field. */
  known: Partial<Record<FilterName, readonly string[]>>
}

/** The fields by which calls are searched. */
export function FilterForm({ filter, change, known }: FilterFormProps) {
  const text = (name: FilterName) => (
    <FilterText
      name={name}
      value={filter[name] ?? ''}
      known={known[name]}
      change={(value) => {
        change({ [name]: value })
      }}
    />
  )
  const choice = (name: FilterName, choices: Record<string, string>, any: string = labels.any) => (
    <NativeSelect
      label={labels.fields[name]}
      data={[{ value: '', label: any }, ...Object.entries(choices).map(([value, label]) => ({ value, label }))]}
      value={filter[name] ?? ''}
      onChange={({ currentTarget }) => {
        change({ [name]: currentTarget.value })
      }}
    />
  )
  const time = (name: 'from' | 'to') => (
    <TextInput
      label={labels.fields[name]}
      type="datetime-local"
      value={localTime(filter[name])}
      onChange={({ currentTarget }) => {
        change({ [name]: isoTime(currentTarget.value) })
      }}
    />
  )

  return (
    <search>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="xs" verticalSpacing="xs">
        {text('number')}
        {choice('result', texts.result)}
        {text('reason')}
        {text('handoff')}
        {choice('method', { ...texts.method, none: labels.nothingTried })}
        {text('trunk')}
        {text('agent')}
        {text('version')}
        {choice('environment', texts.environment)}
        {time('from')}
        {time('to')}
        {choice('state', { all: labels.alsoLive }, labels.ended)}
        {choice('rehearsals', { false: labels.noRehearsals }, labels.alsoRehearsals)}
      </SimpleGrid>
    </search>
  )
}

interface FilterTextProps {
  name: FilterName
  value: string
  known: readonly string[] | undefined
  change: (value: string) => void
}

function FilterText({ name, value, known = [], change }: FilterTextProps) {
  const list = useId()
  const [typed, setTyped] = useState({ text: value, of: value })
  const tell = useDebouncedCallback(change, typingMs)
  // The address has changed since, for instance by the button that clears the filter: the typed text is replaced.
  const isOld = typed.of !== value && typed.text !== value
  if (isOld) setTyped({ text: value, of: value })

  return (
    <>
      <TextInput
        label={labels.fields[name]}
        type="search"
        list={list}
        value={typed.text}
        onChange={({ currentTarget }) => {
          setTyped({ text: currentTarget.value, of: value })
          tell(currentTarget.value)
        }}
      />
      <datalist id={list}>
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  )
}
