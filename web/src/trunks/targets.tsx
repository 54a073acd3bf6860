import { Alert, Badge, Card, Code, Group, List, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Target } from '../api/client'
import { keys, targetsQuery } from '../api/queries'
import { RoleButton } from '../session/role-button'
import { ConfirmDialog } from '../shell/confirm'
import { ProblemAlert } from '../shell/problem'
import { targetColors } from '../shell/target-colors'
import { texts } from '../texts'
import { soon } from '../time'

/** A certificate that expires within two weeks is warned of. */
const warningMs = 14 * 86_400_000

/** Lists the targets with their health, and the buttons by which an operator takes one out. */
export function TargetList() {
  const targets = useQuery(targetsQuery).data

  return (
    <section aria-label={texts.targets.title}>
      <Title order={3} mb={4}>
        {texts.targets.title}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {targets?.length === 0 ? texts.targets.none : texts.targets.help}
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {targets?.map((target) => (
          <TargetCard key={target.id} target={target} />
        ))}
      </SimpleGrid>
    </section>
  )
}

function TargetCard({ target }: { target: Target }) {
  const { id, kind, uri, usedBy, state, reason, since, rtt, calls, limit, used, addresses, certificateExpires } = target
  const facts = [texts.targets.calls(calls), ...(rtt === undefined ? [] : [texts.targets.rtt(rtt)])]
  const bounds = texts.targets.bounds(limit ?? {}, used)

  return (
    <Card component="article" aria-label={id} withBorder>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={4}>{texts.targets.kind[kind]}</Title>
          <Badge color={targetColors[state]} variant="dot">
            {texts.targets.state[state]}
          </Badge>
        </Group>
        <Code style={{ overflowWrap: 'anywhere', alignSelf: 'flex-start' }}>{uri}</Code>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {texts.targets.since(reason, soon(since))}
        </Text>
        <Text size="sm">{facts.join(', ')}</Text>
        {bounds !== '' && <Text size="sm">{bounds}</Text>}
        {certificateExpires !== undefined && Date.parse(certificateExpires) - Date.now() < warningMs && (
          <Alert color="yellow" p="xs">
            {texts.targets.expires(soon(certificateExpires))}
          </Alert>
        )}
        {addresses.length > 1 && <Addresses of={target} />}
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {texts.targets.usedBy(usedBy.join(', '))}
        </Text>
        <Commands target={target} />
      </Stack>
    </Card>
  )
}

/** Those that a target's name has, each with a state of its own. */
function Addresses({ of: { addresses } }: { of: Target }) {
  return (
    <List aria-label={texts.targets.addresses} listStyleType="none" spacing={4} size="sm">
      {addresses.map(({ transport, address, port, state, reason, since }) => {
        const text = `${transport}:${address.includes(':') ? `[${address}]` : address}:${port}`

        return (
          <List.Item key={text}>
            <Group gap="xs" wrap="wrap">
              <Code style={{ overflowWrap: 'anywhere' }}>{text}</Code>
              <Badge color={targetColors[state]} variant="dot" size="sm">
                {texts.targets.state[state]}
              </Badge>
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {texts.targets.since(reason, soon(since))}
              </Text>
            </Group>
          </List.Item>
        )
      })}
    </List>
  )
}

type Command = 'probe' | 'disable' | 'enable' | 'drain'

/** The commands that change something in a state. */
const commandsIn: Record<Target['state'], readonly Command[]> = {
  up: ['probe', 'disable', 'drain'],
  down: ['probe', 'disable', 'drain'],
  half_open: ['probe', 'disable', 'drain'],
  unknown: ['probe', 'disable', 'drain'],
  disabled: ['probe', 'enable'],
  draining: ['probe', 'enable', 'disable'],
}

function Commands({ target: { id, uri, state } }: { target: Target }) {
  const client = useQueryClient()
  const [isAsking, asking] = useDisclosure()
  const change = useMutation({
    mutationFn: (command: Command) =>
      api.POST('/v1/targets/{id}/{command}', { params: { path: { id, command } }, body: {} }),
    onSuccess: async () => {
      asking.close()
      await client.invalidateQueries({ queryKey: keys.targets })
    },
  })

  return (
    <>
      <Group gap="xs">
        {commandsIn[state].map((command) => (
          <RoleButton
            everywhere
            needs="operator"
            key={command}
            variant="default"
            size="compact-sm"
            aria-label={texts.targets.ofTarget(texts.targets[command], uri)}
            loading={change.isPending && change.variables === command}
            onClick={() => {
              if (command === 'disable') asking.open()
              else change.mutate(command)
            }}
          >
            {texts.targets[command]}
          </RoleButton>
        ))}
      </Group>
      {!isAsking && <ProblemAlert error={change.error} />}
      {isAsking && (
        <ConfirmDialog
          title={texts.targets.disableTitle(uri)}
          action={texts.targets.disable}
          mutation={{
            mutate: () => {
              change.mutate('disable')
            },
            isPending: change.isPending,
            error: change.error,
          }}
          close={asking.close}
        >
          {texts.targets.disableAsk}
        </ConfirmDialog>
      )}
    </>
  )
}
