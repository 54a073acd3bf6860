import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Call, CallQuery } from '../api/client'
import { callPagesQuery, trunksQuery, useDraft } from '../api/queries'
import { useProjectName } from '../address'
import { ProblemAlert } from '../shell/problem'
import { Loading } from '../shell/states'
import { texts } from '../texts'
import { queryOf, useCallFilter } from './filter'
import { FilterForm } from './filter-form'
import { CallsTable } from './table'

const labels = texts.callSearch

/** Lists the ended calls that the history keeps and the filter matches. */
export function CallsPage() {
  const project = useProjectName()
  const [filter, change, clear] = useCallFilter()
  const query = queryOf(project, filter)
  const found = useInfiniteQuery(callPagesQuery(query))
  const calls = found.data?.pages.flatMap((page) => page.calls) ?? []
  const isFiltered = Object.keys(filter).length > 0
  const known = { ...useKnown(project), reason: reasonsOf(calls) }

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{texts.navigation.calls}</Title>
        <Group gap="xs">
          {isFiltered && (
            <Button variant="subtle" onClick={clear}>
              {labels.clear}
            </Button>
          )}
          <Button component="a" variant="default" href={`/v1/calls.csv?${addressOf(query)}`} download>
            {labels.csv}
          </Button>
        </Group>
      </Group>
      <FilterForm filter={filter} change={change} known={known} />
      <ProblemAlert error={found.error} />
      {found.isPending && <Loading />}
      {found.isSuccess && calls.length === 0 && <Text c="dimmed">{isFiltered ? labels.noMatch : labels.none}</Text>}
      {calls.length > 0 && <CallsTable calls={calls} />}
      {found.hasNextPage && (
        <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {labels.more}
        </Button>
      )}
    </Stack>
  )
}

function useKnown(project: string) {
  const { table } = useDraft(project)
  const { data } = useQuery(trunksQuery)

  return { handoff: table.handoffs.map(({ name }) => name), trunk: data?.trunks.map(({ name }) => name) ?? [] }
}

function reasonsOf(calls: readonly Call[]): string[] {
  const reasons = calls.flatMap(({ reason, transfers }) => [reason, ...transfers.map((transfer) => transfer.reason)])

  return [...new Set(reasons.filter((reason) => reason !== undefined))].sort()
}

function addressOf(query: CallQuery): string {
  return new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString()
}
