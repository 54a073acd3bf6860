import { Input, Stack, TextInput } from '@mantine/core'
import { texts } from '../texts'
import { AddButton, RemoveButton, Row } from './row'

interface ListProps {
  label: string
  description: string
  error: string | undefined
  value: unknown
  /** Undefined removes the list. */
  set: (value: unknown) => void
}

/** An entry is a text, or an object with a `uri` among its fields. */
type Entry = string | { uri: string }

/** A list of texts, one row each. */
export function ListField({ label, description, error, value, set }: ListProps) {
  const entries = (value as Entry[] | undefined) ?? []
  const put = (changed: Entry[]): void => {
    set(changed.length > 0 ? changed : undefined)
  }

  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Stack gap={4} mt={4}>
        {entries.map((entry, index) => (
          <Row key={index}>
            <TextInput
              aria-label={texts.fields.entry(label, index + 1)}
              value={typeof entry === 'string' ? entry : entry.uri}
              spellCheck={false}
              flex={1}
              onChange={({ currentTarget: { value: typed } }) => {
                put(entries.with(index, typeof entry === 'string' ? typed : { ...entry, uri: typed }))
              }}
            />
            <RemoveButton
              label={texts.fields.removeEntry(label, index + 1)}
              remove={() => {
                put(entries.toSpliced(index, 1))
              }}
            />
          </Row>
        ))}
        <AddButton
          label={texts.fields.addTo(label)}
          add={() => {
            put([...entries, ''])
          }}
        />
      </Stack>
    </Input.Wrapper>
  )
}
