import { Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { historyQuery } from '../api/queries'
import { HistoryList } from '../environments/history'
import { useProjectName } from '../address'
import { texts } from '../texts'

export function HistoryPage() {
  const project = useProjectName()
  const entries = useQuery(historyQuery(project)).data ?? []

  return (
    <Stack>
      <Title order={2}>{texts.navigation.history}</Title>
      <HistoryList entries={entries} />
    </Stack>
  )
}
