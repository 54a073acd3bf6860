import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconSearch } from '../icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Handoff } from '../api/client'
import { historyQuery, useDraft } from '../api/queries'
import { lastChange } from '../draft/last-change'
import { PartsHead } from '../draft/parts-head'
import { useProjectName } from '../address'
import { useKept } from '../shell/kept'
import { texts } from '../texts'
import { AudioDialog } from '../audio/audio-dialog'
import { HandoffCard } from './card'
import { HandoffDialog } from './dialog'

/** The handoff that the dialog edits, by its name; `{}` is a new one. */
type Editing = { handoff?: string } | null

export function HandoffsPage() {
  const project = useProjectName()
  const { table } = useDraft(project)
  const history = useQuery(historyQuery(project)).data ?? []
  const [search, setSearch] = useState('')
  const [showsAudio, setShowsAudio] = useState(false)
  const [editing, setEditing] = useKept<Editing>(`editing.${project}`, () => null)
  const shown = table.handoffs.filter((handoff) => matches(handoff, search))

  return (
    <Stack>
      <PartsHead
        title={texts.navigation.handoffs}
        action={texts.handoffs.add}
        add={() => {
          setEditing({})
        }}
      />
      <Group wrap="nowrap">
        <TextInput
          flex={1}
          aria-label={texts.handoffs.search}
          placeholder={texts.handoffs.search}
          type="search"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={({ currentTarget }) => {
            setSearch(currentTarget.value)
          }}
        />
        <Button
          variant="default"
          onClick={() => {
            setShowsAudio(true)
          }}
        >
          {texts.audio.open}
        </Button>
      </Group>
      {shown.length === 0 && <Text c="dimmed">{search ? texts.handoffs.noMatch : texts.handoffs.none}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {shown.map((handoff) => (
          <HandoffCard
            key={handoff.name}
            project={project}
            handoff={handoff}
            changed={lastChange(history, 'handoff', handoff.name)}
            edit={() => {
              setEditing({ handoff: handoff.name })
            }}
          />
        ))}
      </SimpleGrid>
      {showsAudio && (
        <AudioDialog
          project={project}
          close={() => {
            setShowsAudio(false)
          }}
        />
      )}
      {editing && (
        <HandoffDialog
          project={project}
          name={editing.handoff}
          close={() => {
            setEditing(null)
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
