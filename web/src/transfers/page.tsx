import { Button, Checkbox, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { transfersQuery } from '../api/queries'
import { useProjectName } from '../address'
import { ProblemAlert } from '../shell/problem'
import { Loading } from '../shell/states'
import { texts } from '../texts'
import { ResultsOverTime, TimesToPerson } from './charts'
import { Groups } from './groups'
import { dimensions, periods, useTransfersView, type Period } from './view'

const labels = texts.transfers

/** Shows the results of transfers: over time, compared by a chosen property, and how long callers waited for a person. */
export function TransfersPage() {
  const project = useProjectName()
  const [view, change] = useTransfersView()
  const found = useQuery(transfersQuery(project, periods[view.period], view))
  const counts = found.data

  return (
    <Stack>
      <Title order={2}>{texts.navigation.transfers}</Title>
      <Group align="flex-end">
        <NativeSelect
          label={labels.period}
          data={(Object.keys(periods) as Period[]).map((value) => ({ value, label: labels.periods[value] }))}
          value={view.period}
          onChange={({ currentTarget }) => {
            change({ period: currentTarget.value })
          }}
        />
        <NativeSelect
          label={labels.by}
          data={dimensions.map((value) => ({ value, label: labels.dimensions[value] }))}
          value={view.by}
          onChange={({ currentTarget }) => {
            change({ by: currentTarget.value })
          }}
        />
        <NativeSelect
          label={labels.environment}
          data={[
            { value: '', label: labels.any },
            ...Object.entries(texts.environment).map(([value, label]) => ({ value, label })),
          ]}
          value={view.environment ?? ''}
          onChange={({ currentTarget }) => {
            change({ environment: currentTarget.value })
          }}
        />
        <Checkbox
          label={labels.rehearsals}
          mb={8}
          checked={view.rehearsals}
          onChange={({ currentTarget }) => {
            change({ rehearsals: currentTarget.checked ? 'true' : '' })
          }}
        />
      </Group>
      <ProblemAlert error={found.error} />
      {found.isPending && <Loading />}
      {counts?.count === 0 && (
        <Stack align="flex-start">
          <Text c="dimmed">{labels.none}</Text>
          {!view.rehearsals && (
            <Button
              variant="light"
              onClick={() => {
                change({ rehearsals: 'true' })
              }}
            >
              {labels.showRehearsals}
            </Button>
          )}
        </Stack>
      )}
      {counts && counts.count > 0 && (
        <>
          <Text>{labels.summary(counts.count, counts.results.succeeded / counts.count, view.rehearsals)}</Text>
          <ResultsOverTime counts={counts} />
          <Groups counts={counts} view={view} />
          <TimesToPerson times={counts.timeToPerson} />
        </>
      )}
    </Stack>
  )
}
