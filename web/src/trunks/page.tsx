import { Alert, Anchor, Badge, Code, Group, List, SimpleGrid, Spoiler, Stack, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useProjectName } from '../address'
import { api, environmentNames } from '../api/client'
import { doctorQuery, keys, trunksQuery, useProject } from '../api/queries'
import { RoleButton } from '../session/role-button'
import { ProblemAlert } from '../shell/problem'
import { sipUri } from '../shell/sip-uri'
import { CopyButton } from '../shell/copy-button'
import { texts } from '../texts'
import { TargetList } from './targets'
import { TrunkCard } from './trunk-card'
import { TwilioSection } from './twilio-section'

/** Shows the numbers by environment, the address for carriers, the trunks, the health of targets and the findings of the check-up. */
export function TrunksPage() {
  const project = useProjectName()
  const { trunks = [], addresses = [] } = useQuery(trunksQuery).data ?? {}

  return (
    <Stack gap="lg">
      <Title order={2}>{texts.navigation.trunks}</Title>
      <Numbers project={project} />
      <section aria-label={texts.trunks.address}>
        <Title order={3} mb={4}>
          {texts.trunks.address}
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          {texts.trunks.addressHelp}
        </Text>
        <Stack gap={4}>
          {addresses.map(({ transport, address, port }) => {
            const uri = sipUri('', { transport, address, port })

            return (
              <Group key={uri} gap="xs">
                <Code style={{ overflowWrap: 'anywhere' }}>{uri}</Code>
                <CopyButton text={uri} size="compact-xs" aria-label={texts.test.copy(uri)} />
              </Group>
            )
          })}
        </Stack>
      </section>
      <div>
        <Title order={3} mb="xs">
          {texts.trunks.trunks}
        </Title>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          {trunks.map((trunk) => (
            <TrunkCard key={trunk.name} trunk={trunk} />
          ))}
        </SimpleGrid>
      </div>
      <TwilioSection />
      <TargetList />
      <Findings />
    </Stack>
  )
}

function Numbers({ project }: { project: string }) {
  const { environments = {} } = useProject(project) ?? {}
  const rows = environmentNames.flatMap((name) =>
    (environments[name]?.numbers ?? []).map((number) => ({ name, number, version: environments[name]?.version })),
  )

  return (
    <section aria-label={texts.trunks.numbers}>
      <Title order={3} mb="xs">
        {texts.trunks.numbers}
      </Title>
      {rows.length === 0 && <Text c="dimmed">{texts.trunks.noNumbers}</Text>}
      {rows.length > 0 && (
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.trunks.number}</Table.Th>
              <Table.Th>{texts.calls.environment}</Table.Th>
              <Table.Th>{texts.calls.version}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ name, number, version }) => (
              <Table.Tr key={`${name} ${number}`}>
                <Table.Td>{number}</Table.Td>
                <Table.Td>{texts.environment[name]}</Table.Td>
                <Table.Td>{version}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Anchor component={Link} to={`/p/${project}/environments`} size="sm">
        {texts.trunks.changeNumbers}
      </Anchor>
    </section>
  )
}

const colors = { ok: 'green', warning: 'yellow', failed: 'red' } as const

/** Shows the findings of `npx baton doctor` about the running Baton: first those that need something done, then those that are well. */
function Findings() {
  const client = useQueryClient()
  const findings = useQuery(doctorQuery).data ?? []
  const asking = useMutation({
    mutationFn: async () => (await api.POST('/v1/doctor')).data?.findings ?? [],
    onSuccess: async (found) => {
      client.setQueryData(doctorQuery.queryKey, found)
      await client.invalidateQueries({ queryKey: keys.targets })
    },
  })
  const wrong = findings.filter(({ state }) => state !== 'ok')
  const well = findings.filter(({ state }) => state === 'ok')

  return (
    <section aria-label={texts.trunks.findings}>
      <Group mb="xs" gap="xs">
        <Title order={3}>{texts.trunks.findings}</Title>
        {findings.length > 0 && wrong.length === 0 && <Badge color="green">{texts.trunks.allWell}</Badge>}
        <RoleButton
          everywhere
          needs="operator"
          variant="default"
          size="compact-sm"
          loading={asking.isPending}
          onClick={() => {
            asking.mutate()
          }}
        >
          {texts.trunks.checkNow}
        </RoleButton>
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {texts.trunks.findingsHelp}
      </Text>
      <ProblemAlert error={asking.error} />
      <Stack gap="xs">
        {wrong.map(({ check, state, detail, where, hint }) => (
          <Alert
            key={`${check} ${detail}`}
            color={colors[state]}
            title={`${check}: ${detail}`}
            style={{ overflowWrap: 'anywhere' }}
          >
            {where !== undefined && <Code mr="xs">{where}</Code>}
            {hint}
          </Alert>
        ))}
        {well.length > 0 && (
          <Spoiler maxHeight={65} showLabel={texts.trunks.showAll} hideLabel={texts.trunks.showLess}>
            <List size="sm">
              {well.map(({ check, detail }) => (
                <List.Item key={`${check} ${detail}`}>
                  {check}: {detail}
                </List.Item>
              ))}
            </List>
          </Spoiler>
        )}
      </Stack>
    </section>
  )
}
