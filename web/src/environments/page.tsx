import { SimpleGrid, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useProjectName } from '../address'
import { environmentNames } from '../api/client'
import { historyQuery, useProject } from '../api/queries'
import { texts } from '../texts'
import { EnvironmentCard, NewEnvironmentCard } from './card'
import { Comparison } from './comparison'
import { HistoryList } from './history'

/** Shows what each environment runs, beside the others, and what a promotion would change. */
export function EnvironmentsPage() {
  const project = useProjectName()
  const view = useProject(project)
  const history = useQuery(historyQuery(project)).data ?? []

  return (
    <Stack gap="lg">
      <Title order={2}>{texts.navigation.environments}</Title>
      <SimpleGrid cols={{ base: 1, lg: 3 }}>
        {environmentNames.map((name) => {
          const environment = view?.environments[name]

          return environment ? (
            <EnvironmentCard key={name} project={project} name={name} environment={environment} />
          ) : (
            <NewEnvironmentCard key={name} project={project} name={name} />
          )
        })}
      </SimpleGrid>
      <Comparison project={project} />
      <section aria-label={texts.environments.history}>
        <Title order={3} mb="xs">
          {texts.environments.history}
        </Title>
        <HistoryList entries={history.slice(0, 20)} />
      </section>
    </Stack>
  )
}
