import { Badge, Group, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { api, type EnvironmentName, type Rehearsal } from '../api/client'
import { ProblemAlert } from '../shell/problem'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'

/** Rehearses every handoff that an environment runs, and lists the results. */
export function RehearseAll({ project, environment }: { project: string; environment: EnvironmentName }) {
  const rehearse = useMutation({
    mutationFn: async () =>
      (
        await api.POST('/v1/projects/{project}/rehearsals', {
          params: { path: { project } },
          body: { environment, all: true },
        })
      ).data,
  })
  const { data } = rehearse

  return (
    <Stack gap="xs">
      <RoleButton
        needs="operator"
        size="xs"
        variant="light"
        loading={rehearse.isPending}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => {
          rehearse.mutate()
        }}
      >
        {texts.environments.rehearseAll}
      </RoleButton>
      <div role="status">
        {rehearse.isPending && <Text size="sm">{texts.environments.rehearsing}</Text>}
        {data && 'rehearsals' in data && <Verdicts rehearsals={data.rehearsals} />}
      </div>
      <ProblemAlert error={rehearse.error} />
    </Stack>
  )
}

/** Lists the result of each rehearsal, with its reason. */
export function Verdicts({ rehearsals }: { rehearsals: readonly Rehearsal[] }) {
  return (
    <Stack gap="xs">
      {rehearsals.map(({ id, handoff, verdict, cause }) => (
        <div key={id}>
          <Group gap="xs">
            <Verdict verdict={verdict} />
            <Text size="sm" fw={500}>
              {handoff}
            </Text>
          </Group>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {cause}
          </Text>
        </div>
      ))}
    </Stack>
  )
}

export function Verdict({ verdict }: Pick<Rehearsal, 'verdict'>) {
  return (
    <Badge flex="none" color={verdict === 'passed' ? 'green' : 'red'}>
      {verdict === 'passed' ? texts.environments.passed : texts.environments.failed}
    </Badge>
  )
}
