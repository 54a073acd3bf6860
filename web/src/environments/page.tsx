import { Alert, Badge, Button, Card, Divider, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { api, type Environment, type EnvironmentName } from '../api/client'
import { historyQuery, releaseChangesQuery, useProject } from '../api/queries'
import { Changes } from '../draft/change'
import { useProjectName } from '../address'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { moment } from '../time'
import { HistoryList } from './history'
import { PromoteDialog } from './promote'
import { RollBackDialog } from './roll-back'

const order: readonly EnvironmentName[] = ['sandbox', 'pre-release', 'live']

/** What each environment runs, beside the others, and what a promotion would change. */
export function EnvironmentsPage() {
  const project = useProjectName()
  const view = useProject(project)
  const history = useQuery(historyQuery(project)).data ?? []

  return (
    <Stack>
      <Title order={2}>{texts.navigation.environments}</Title>
      <SimpleGrid cols={{ base: 1, lg: 3 }}>
        {order.map((name) => {
          const environment = view?.environments[name]

          return environment && <EnvironmentCard key={name} project={project} name={name} environment={environment} />
        })}
      </SimpleGrid>
      <Title order={3}>{texts.environments.history}</Title>
      <HistoryList entries={history.slice(0, 20)} />
    </Stack>
  )
}

interface CardProps {
  project: string
  name: EnvironmentName
  environment: Environment
}

function EnvironmentCard({ project, name, environment }: CardProps) {
  const { release, version, promotedAt, canary, numbers = [], agents = [] } = environment
  const label = texts.environment[name]
  const [isPromoting, promoting] = useDisclosure()
  const [isRollingBack, rollingBack] = useDisclosure()
  const changes = useQuery({
    ...releaseChangesQuery(project, name, String(release ?? 'draft'), 'draft'),
    enabled: release !== undefined,
  }).data

  return (
    <Card component="section" aria-label={label} withBorder padding="md">
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={3} size="h4">
            {label}
          </Title>
          {promotedAt && (
            <Text size="xs" c="dimmed">
              {texts.environments.since(moment(promotedAt))}
            </Text>
          )}
        </Group>
        <Text fw={500}>
          {version === undefined || release === undefined
            ? texts.environments.nothing
            : texts.environments.runs(version, release)}
        </Text>
        {canary && <Alert color="blue">{texts.environments.canary(canary.version, canary.percent)}</Alert>}
        <Listed label={texts.environments.numbers} values={numbers} />
        <Listed label={texts.environments.agents} values={agents.map(agentText)} />
        <RehearseAll project={project} environment={name} />
        <Group gap="xs">
          <Button size="xs" onClick={promoting.open}>
            {texts.environments.promote}
          </Button>
          <Button size="xs" variant="default" disabled={release === undefined} onClick={rollingBack.open}>
            {canary ? texts.environments.stopCanary : texts.environments.rollBack}
          </Button>
        </Group>
        <Divider label={texts.environments.wouldChange} labelPosition="left" />
        {changes?.length === 0 && (
          <Text size="sm" c="dimmed">
            {texts.environments.upToDate}
          </Text>
        )}
        {changes && changes.length > 0 && <Changes changes={changes} />}
      </Stack>
      {isPromoting && <PromoteDialog project={project} name={name} close={promoting.close} />}
      {isRollingBack && (
        <RollBackDialog
          project={project}
          name={name}
          current={release}
          hasCanary={canary !== undefined}
          close={rollingBack.close}
        />
      )}
    </Card>
  )
}

function agentText(agent: NonNullable<Environment['agents']>[number]): string {
  if (typeof agent === 'string') return agent
  const { uri, priority = 0, weight } = agent

  return texts.environments.agent(uri, priority, weight)
}

function Listed({ label, values }: { label: string; values: readonly string[] }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {values.length > 0 ? values.join(', ') : texts.environments.none}
      </Text>
    </div>
  )
}

function RehearseAll({ project, environment }: { project: string; environment: EnvironmentName }) {
  const rehearse = useMutation({
    mutationFn: async () =>
      (
        await api.POST('/v1/projects/{project}/rehearsals', {
          params: { path: { project } },
          body: { environment, all: true },
        })
      ).data,
  })
  const result = rehearse.data
  const rehearsals = result && 'rehearsals' in result ? result.rehearsals : []

  return (
    <Stack gap={4}>
      <Button
        size="xs"
        variant="light"
        loading={rehearse.isPending}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => {
          rehearse.mutate()
        }}
      >
        {texts.environments.rehearseAll}
      </Button>
      <div role="status">
        {rehearse.isPending && <Text size="sm">{texts.environments.rehearsing}</Text>}
        {rehearsals.map(({ id, handoff, verdict, cause }) => (
          <Group key={id} gap="xs" wrap="nowrap" align="flex-start">
            <Badge color={verdict === 'passed' ? 'green' : 'red'}>
              {verdict === 'passed' ? texts.environments.passed : texts.environments.failed}
            </Badge>
            <Text size="sm">
              {handoff}: {cause}
            </Text>
          </Group>
        ))}
      </div>
      <ProblemAlert error={rehearse.error} />
    </Stack>
  )
}
