import { Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Call } from '../api/client'
import { callsQuery } from '../api/queries'
import { useProjectName } from '../address'
import { texts } from '../texts'
import { CallsTable } from './table'

/** Calls that have ended, as far as they are kept. */
export function CallsPage() {
  const project = useProjectName()
  const calls = useQuery(callsQuery(project)).data ?? []
  const [search, setSearch] = useState('')
  const [result, setResult] = useState('')
  const shown = calls.filter((call) => call.state === 'ended' && matches(call, search) && hasResult(call, result))

  return (
    <Stack>
      <Title order={2}>{texts.navigation.calls}</Title>
      <Group>
        <TextInput
          aria-label={texts.calls.search}
          placeholder={texts.calls.search}
          type="search"
          value={search}
          style={{ flex: 1 }}
          onChange={({ currentTarget }) => {
            setSearch(currentTarget.value)
          }}
        />
        <NativeSelect
          aria-label={texts.calls.result}
          data={[
            { value: '', label: texts.calls.all },
            ...Object.entries(texts.result).map(([value, label]) => ({ value, label })),
          ]}
          value={result}
          onChange={({ currentTarget }) => {
            setResult(currentTarget.value)
          }}
        />
      </Group>
      {shown.length === 0 && <Text c="dimmed">{texts.calls.none}</Text>}
      {shown.length > 0 && <CallsTable calls={shown} />}
    </Stack>
  )
}

function matches({ caller, called, reason, transfers, trunk }: Call, search: string): boolean {
  const wanted = search.trim().toLowerCase()
  const handoffs = transfers.flatMap((transfer) => [transfer.handoff, transfer.reason])

  return [caller.number, caller.uri, called, reason, trunk, ...handoffs].some((text) =>
    text?.toLowerCase().includes(wanted),
  )
}

function hasResult(call: Call, result: string): boolean {
  return result === '' || call.result === result || call.transfers.some((transfer) => transfer.result === result)
}
