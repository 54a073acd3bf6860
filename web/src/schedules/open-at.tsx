import { Badge, Group, NativeSelect, Paper, SimpleGrid, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentName, Openings } from '../api/client'
import { openingsQuery, useProject } from '../api/queries'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { moment } from '../time'

/** Shows which schedules are open at a picked moment, and where callers go then. */
export function OpenAt({ project }: { project: string }) {
  const environments = useProject(project)?.environments ?? {}
  const names = (Object.keys(texts.environment) as EnvironmentName[]).filter((name) => environments[name])
  const running = names.filter((name) => environments[name]?.version !== undefined)
  const [chosen, setChosen] = useState<EnvironmentName>()
  const environment = chosen ?? (running.includes('live') ? 'live' : (running[0] ?? names[0] ?? 'live'))
  const [table, setTable] = useState<'runs' | 'draft'>(running.length > 0 ? 'runs' : 'draft')
  const [time, setTime] = useState('')
  const at = time === '' ? undefined : new Date(time).toISOString()
  const version = table === 'draft' ? 'draft' : undefined
  const openings = useQuery({
    ...openingsQuery(project, environment, { at, version }),
    placeholderData: keepPreviousData,
    // Schedules open and close as time passes.
    refetchInterval: 60_000,
  })
  const labels = texts.schedules

  return (
    <Paper component="section" aria-label={labels.openAt} withBorder p="md">
      <Stack>
        <Title order={3} size="h5">
          {labels.openAt}
        </Title>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TextInput
            type="datetime-local"
            label={labels.moment}
            value={time}
            onChange={({ currentTarget }) => {
              setTime(currentTarget.value)
            }}
          />
          <NativeSelect
            label={labels.environment}
            data={names.map((name) => ({ value: name, label: texts.environment[name] }))}
            value={environment}
            onChange={({ currentTarget }) => {
              setChosen(currentTarget.value as EnvironmentName)
            }}
          />
          <NativeSelect
            label={labels.table}
            data={[
              { value: 'runs', label: labels.runs },
              { value: 'draft', label: labels.draft },
            ]}
            value={table}
            onChange={({ currentTarget }) => {
              setTable(currentTarget.value as 'runs' | 'draft')
            }}
          />
        </SimpleGrid>
        <ProblemAlert error={openings.error} />
        {openings.data && <States openings={openings.data} />}
      </Stack>
    </Paper>
  )
}

function States({ openings: { schedules, handoffs } }: { openings: Openings }) {
  const labels = texts.schedules

  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      {schedules.length > 0 && (
        <StateTable
          title={texts.navigation.schedules}
          rows={schedules.map((schedule) => ({ ...schedule, more: '' }))}
        />
      )}
      <StateTable
        title={texts.navigation.handoffs}
        rows={handoffs.map((handoff) => ({ ...handoff, more: handoff.open ? '' : goesTo(handoff.goesTo) }))}
      />
    </SimpleGrid>
  )

  function goesTo(names: readonly string[]): string {
    return names.length === 0 ? labels.goesNowhere : labels.goesTo(names.join(', '))
  }
}

interface StateRow {
  name: string
  open: boolean
  until?: string
  switch?: string
  /** The handoff that callers get in the place of the one they ask for. */
  more: string
}

function StateTable({ title, rows }: { title: string; rows: readonly StateRow[] }) {
  const labels = texts.schedules

  return (
    <Table layout="fixed" captionSide="top">
      <Table.Caption ta="left">{title}</Table.Caption>
      <Table.Tbody>
        {rows.map(({ name, open, until, switch: by, more }) => (
          <Table.Tr key={name}>
            <Table.Th style={{ overflowWrap: 'anywhere', verticalAlign: 'top' }}>{name}</Table.Th>
            <Table.Td style={{ verticalAlign: 'top' }}>
              <Group gap={6}>
                <Badge color={open ? 'green' : 'gray'}>{open ? labels.open : labels.closed}</Badge>
                <Text size="sm">{until === undefined ? labels.forGood : labels.until(moment(until))}</Text>
                {by !== undefined && <Badge color="orange">{labels.bySwitch}</Badge>}
              </Group>
              {more !== '' && (
                <Text size="sm" c="dimmed">
                  {more}
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
