import { Alert, Badge, Button, Card, Code, Group, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client'
import { doctorQuery, keys, trunksQuery, useProject } from '../api/queries'
import { useProjectName } from '../address'
import { texts } from '../texts'
import { moment } from '../time'

const colors = { ok: 'green', warning: 'yellow', failed: 'red' } as const

/** Numbers by environment, trunks with what each has refused, and what the doctor finds. */
export function TrunksPage() {
  const project = useProjectName()
  const environments = Object.entries(useProject(project)?.environments ?? {})
  const trunks = useQuery(trunksQuery).data?.trunks ?? []
  const findings = useQuery(doctorQuery).data ?? []
  const wrong = findings.filter(({ state }) => state !== 'ok')
  const places = texts.environment as Record<string, string>

  return (
    <Stack>
      <Title order={2}>{texts.navigation.trunks}</Title>
      <section aria-label={texts.trunks.numbers}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.trunks.number}</Table.Th>
              <Table.Th>{texts.calls.environment}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {environments.flatMap(([name, { numbers = [] }]) =>
              numbers.map((number) => (
                <Table.Tr key={`${name} ${number}`}>
                  <Table.Td>{number}</Table.Td>
                  <Table.Td>{places[name] ?? name}</Table.Td>
                </Table.Tr>
              )),
            )}
          </Table.Tbody>
        </Table>
      </section>
      <Title order={3}>{texts.trunks.trunks}</Title>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {trunks.map(({ name, peers, gateways, refer, memory }) => (
          <Card key={name} component="section" aria-label={name} withBorder>
            <Stack gap="xs">
              <Group justify="space-between">
                <Title order={4}>{name}</Title>
                <Badge variant="light">{refer ? texts.trunks.takesRefer : texts.trunks.noRefer}</Badge>
              </Group>
              <Text size="sm">
                {texts.trunks.peers}: {peers.join(', ')}
              </Text>
              {gateways.length === 0 ? (
                <Text size="sm" c="dimmed">
                  {texts.trunks.noGateways}
                </Text>
              ) : (
                <Text size="sm">
                  {texts.trunks.gateways}: <Code>{gateways.map(({ uri }) => uri).join(', ')}</Code>
                </Text>
              )}
              {memory.length > 0 && (
                <>
                  <Text size="sm" fw={500}>
                    {texts.trunks.memory}
                  </Text>
                  {memory.map(({ refused, target = '', what, until }) => (
                    <Text key={`${refused} ${target}`} size="sm">
                      {texts.trunks.refusedUntil(`${refused} ${target} ${what}`, moment(until))}
                    </Text>
                  ))}
                  <Forget trunk={name} />
                </>
              )}
            </Stack>
          </Card>
        ))}
      </SimpleGrid>
      <section aria-label={texts.trunks.findings}>
        <Title order={3} mb="xs">
          {texts.trunks.findings}
        </Title>
        {wrong.length === 0 && <Text c="dimmed">{texts.trunks.allWell}</Text>}
        <Stack gap="xs">
          {wrong.map(({ check, state, detail, hint }) => (
            <Alert key={`${check} ${detail}`} color={colors[state]} title={check}>
              {[detail, hint].filter(Boolean).join(' ')}
            </Alert>
          ))}
        </Stack>
      </section>
    </Stack>
  )
}

function Forget({ trunk }: { trunk: string }) {
  const client = useQueryClient()
  const forget = useMutation({
    mutationFn: () => api.DELETE('/v1/trunks/{trunk}/memory', { params: { path: { trunk } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.trunks }),
  })

  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={forget.isPending}
      style={{ alignSelf: 'flex-start' }}
      onClick={() => {
        forget.mutate()
      }}
    >
      {texts.trunks.forget}
    </Button>
  )
}
