import { Anchor, Badge, Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type AuditEntry, type Change } from '../api/client'
import { useProjectName } from '../address'
import { ChangeLines } from '../draft/change'
import { Loading } from '../shell/states'
import { texts } from '../texts'
import { moment } from '../time'
import { actionText } from './action'
import { EntryTable } from './entry-table'

type Result = AuditEntry['result']
interface Filter {
  project?: string
  result?: Result
  text?: string
}

const colors = { done: 'green', refused: 'yellow', failed: 'red' } as const

/** Lists every change of the project, made or refused, the newest first; for admins also those of people and tokens. */
export function HistoryPage() {
  const project = useProjectName()
  const [scope, setScope] = useState('project')
  const [result, setResult] = useState<Result | ''>('')
  const [text, setText] = useState('')
  const filter: Filter = { ...(scope === 'project' && { project }), ...(result && { result }), ...(text && { text }) }
  const query = useInfiniteQuery({
    queryKey: ['project', project, 'audit', filter],
    queryFn: async ({ pageParam }) =>
      (await api.GET('/v1/history', { params: { query: { ...filter, ...(pageParam && { cursor: pageParam }) } } }))
        .data,
    initialPageParam: '',
    getNextPageParam: (page) => page?.next,
  })
  const entries = query.data?.pages.flatMap((page) => page?.history ?? []) ?? []

  return (
    <Stack>
      <Title order={2}>{texts.navigation.history}</Title>
      <Group align="flex-end">
        <NativeSelect
          label={texts.history.scope}
          data={[
            { value: 'project', label: texts.history.thisProject },
            { value: 'all', label: texts.history.everything },
          ]}
          value={scope}
          onChange={({ currentTarget }) => {
            setScope(currentTarget.value)
          }}
        />
        <NativeSelect
          label={texts.history.result}
          data={[{ value: '', label: texts.history.any }, ...results()]}
          value={result}
          onChange={({ currentTarget }) => {
            setResult(currentTarget.value as Result | '')
          }}
        />
        <TextInput
          label={texts.history.search}
          type="search"
          value={text}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value)
          }}
        />
        <Export filter={filter} format="csv" />
        <Export filter={filter} format="ndjson" />
      </Group>
      {query.isPending && <Loading />}
      {!query.isPending && entries.length === 0 && <Text c="dimmed">{texts.history.none}</Text>}
      {entries.length > 0 && (
        <EntryTable entries={entries} who={({ who, from }) => texts.history.by(who, from)}>
          {(entry) => <AuditCell entry={entry} />}
        </EntryTable>
      )}
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {texts.history.more}
        </Button>
      )}
    </Stack>
  )
}

function results(): { value: Result; label: string }[] {
  return (['done', 'refused', 'failed'] as const).map((value) => ({ value, label: texts.history.results[value] }))
}

function Export({ filter, format }: { filter: Filter; format: 'csv' | 'ndjson' }) {
  const search = new URLSearchParams({ ...filter, format })

  return (
    <Anchor href={`/v1/history?${search.toString()}`} download size="sm" mb={8}>
      {texts.history.download(format.toUpperCase())}
    </Anchor>
  )
}

function AuditCell({ entry }: { entry: AuditEntry }) {
  const { result, request, problem, why, changes = [] } = entry

  return (
    <Stack gap={2} style={{ overflowWrap: 'anywhere' }}>
      <Group gap="xs">
        <Text size="sm" fw={500}>
          {actionText(entry)}
        </Text>
        {result !== 'done' && <Badge color={colors[result]}>{texts.history.results[result]}</Badge>}
      </Group>
      {request && (
        <Text size="xs" c="dimmed">
          {request.method} {request.path}
        </Text>
      )}
      {problem && <Text size="sm">{problem}</Text>}
      {why && <Text size="sm">{why}</Text>}
      {changes.length > 0 ? (
        <ChangeLines changes={changes as Change[]} />
      ) : (
        result === 'done' && <BeforeAndAfter entry={entry} />
      )}
    </Stack>
  )
}

/** Shows a change of anything but a table, field by field. */
function BeforeAndAfter({ entry: { before, after } }: { entry: AuditEntry }) {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name])

  return names.map((name) => (
    <Text key={name} size="sm">
      {texts.history.change(texts.history.fields[name] ?? name, was[name], is[name])}
    </Text>
  ))
}

function fieldsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}

  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, wordsOf(field)]))
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join(', ')
  if (typeof value !== 'string') return JSON.stringify(value)

  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? moment(value) : value
}
