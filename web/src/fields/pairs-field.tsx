import { Input, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { texts } from '../texts'
import { isSame } from './compare'
import { AddButton, nextId, RemoveButton, Row } from './row'

interface PairsProps {
  label: string
  description: string
  error: string | undefined
  value: unknown
  /** Undefined removes the field. */
  set: (value: unknown) => void
}

interface Pair {
  id: number
  name: string
  text: string
}

/** Names with a value each, such as variables; a pair counts once it has a name. */
export function PairsField({ label, description, error, value, set }: PairsProps) {
  const [typed, setTyped] = useState(() => ({ pairs: pairsOf(value), value }))
  // The field was changed elsewhere, for instance by taking over another person's value.
  if (!isSame(typed.value, value)) setTyped({ pairs: pairsOf(value), value })
  const { pairs } = typed
  const put = (changed: Pair[]): void => {
    const named = changed.filter(({ name }) => name.trim() !== '')
    const next = named.length > 0 ? Object.fromEntries(named.map(({ name, text }) => [name.trim(), text])) : undefined
    setTyped({ pairs: changed, value: next })
    set(next)
  }
  const edit = (id: number, changes: Partial<Pair>): void => {
    put(pairs.map((pair) => (pair.id === id ? { ...pair, ...changes } : pair)))
  }

  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Stack gap={4} mt={4}>
        {pairs.map(({ id, name, text }) => (
          <Row key={id}>
            <TextInput
              aria-label={texts.fields.pairName(label)}
              placeholder={texts.fields.namePlaceholder}
              value={name}
              spellCheck={false}
              flex={1}
              onChange={({ currentTarget }) => {
                edit(id, { name: currentTarget.value })
              }}
            />
            <TextInput
              aria-label={texts.fields.pairValue(label)}
              placeholder={texts.fields.valuePlaceholder}
              value={text}
              spellCheck={false}
              flex={1}
              onChange={({ currentTarget }) => {
                edit(id, { text: currentTarget.value })
              }}
            />
            <RemoveButton
              label={texts.fields.removePair(label, name)}
              remove={() => {
                put(pairs.filter((pair) => pair.id !== id))
              }}
            />
          </Row>
        ))}
        <AddButton
          label={texts.fields.addTo(label)}
          add={() => {
            put([...pairs, { id: nextId(pairs), name: '', text: '' }])
          }}
        />
      </Stack>
    </Input.Wrapper>
  )
}

function pairsOf(value: unknown): Pair[] {
  return Object.entries((value ?? {}) as Record<string, string>).map(([name, text], id) => ({ id, name, text }))
}
