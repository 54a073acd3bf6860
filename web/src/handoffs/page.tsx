import { Button, Group, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconSearch } from '../icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Handoff, HistoryEntry } from '../api/client'
import { historyQuery, useDraft } from '../api/queries'
import { useProjectName } from '../address'
import { texts } from '../texts'
import { HandoffCard } from './card'
import { HandoffDialog } from './dialog'

/** What the dialog edits: a handoff that is there, or a new one. */
type Editing = { handoff: Handoff | undefined } | undefined

export function HandoffsPage() {
  const project = useProjectName()
  const { table } = useDraft(project)
  const history = useQuery(historyQuery(project)).data ?? []
  const [search, setSearch] = useState('')
  const [editing, setEditing] = useState<Editing>()
  const shown = table.handoffs.filter((handoff) => matches(handoff, search))

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{texts.navigation.handoffs}</Title>
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => {
            setEditing({ handoff: undefined })
          }}
        >
          {texts.handoffs.add}
        </Button>
      </Group>
      <TextInput
        aria-label={texts.handoffs.search}
        placeholder={texts.handoffs.search}
        type="search"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={({ currentTarget }) => {
          setSearch(currentTarget.value)
        }}
      />
      {shown.length === 0 && <Text c="dimmed">{search ? texts.handoffs.noMatch : texts.handoffs.none}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {shown.map((handoff) => (
          <HandoffCard
            key={handoff.name}
            project={project}
            handoff={handoff}
            changed={lastChange(history, handoff.name)}
            edit={() => {
              setEditing({ handoff })
            }}
          />
        ))}
      </SimpleGrid>
      {editing && (
        <HandoffDialog
          project={project}
          handoff={editing.handoff}
          close={() => {
            setEditing(undefined)
          }}
        />
      )}
    </Stack>
  )
}

function matches({ name, display_name, description, route }: Handoff, search: string): boolean {
  const wanted = search.trim().toLowerCase()

  return [name, display_name, description, route].some((text) => text?.toLowerCase().includes(wanted))
}

/** The newest entry of history that changed this handoff. */
function lastChange(history: readonly HistoryEntry[], name: string): HistoryEntry | undefined {
  return history.find(({ changes }) => changes?.some((change) => change.what === 'handoff' && change.name === name))
}
