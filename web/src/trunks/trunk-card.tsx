import { Badge, Card, Code, Group, Progress, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, type Trunk } from '../api/client'
import { keys } from '../api/queries'
import { useDisclosure } from '@mantine/hooks'
import { ConfirmDialog } from '../shell/confirm'
import { ProblemAlert } from '../shell/problem'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'
import { moment } from '../time'
import { Labelled } from './labelled'

/** Shows a trunk: its peers, its gateways, and what it has refused lately. */
export function TrunkCard({ trunk: { name, peers, gateways, refer, memory, caps } }: { trunk: Trunk }) {
  return (
    <Card component="section" aria-label={name} withBorder>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={4}>{name}</Title>
          <Badge variant="light">{refer ? texts.trunks.takesRefer : texts.trunks.noRefer}</Badge>
        </Group>
        <Labelled label={texts.trunks.peers}>{peers.join(', ')}</Labelled>
        <Labelled label={texts.trunks.gateways}>
          {gateways.length === 0 ? (
            texts.trunks.noGateways
          ) : (
            <Code style={{ overflowWrap: 'anywhere' }}>{gateways.map(({ uri }) => uri).join(', ')}</Code>
          )}
        </Labelled>
        {caps.length > 0 && <Caps trunk={name} caps={caps} />}
        {memory.length > 0 && (
          <Labelled label={texts.trunks.memory}>
            {memory.map(({ refused, target = '', what, until }) => (
              <Text key={`${refused} ${target}`} size="sm">
                {texts.trunks.refusedUntil(
                  [refused.toUpperCase(), target].filter(Boolean).join(' '),
                  what,
                  moment(until),
                )}
              </Text>
            ))}
            <Forget trunk={name} />
          </Labelled>
        )}
      </Stack>
    </Card>
  )
}

/** Today's use of the calls that the trunk may be sent. */
function Caps({ trunk, caps }: { trunk: string; caps: Trunk['caps'] }) {
  const resetsAt = caps[0]?.resetsAt

  return (
    <Labelled label={texts.trunks.caps}>
      <Stack gap={4}>
        {caps.map(({ prefix, callsPerDay, used }) => {
          const words = texts.trunks.capUse(prefix, used, callsPerDay)
          const share = callsPerDay === 0 ? 1 : Math.min(1, used / callsPerDay)

          return (
            <div key={prefix}>
              <Text size="sm">{words}</Text>
              <Progress value={100 * share} color={capColor(share)} aria-label={words} />
            </div>
          )
        })}
        {resetsAt !== undefined && (
          <Text size="xs" c="dimmed">
            {texts.trunks.capsUntil(moment(resetsAt))}
          </Text>
        )}
        <ResetCaps trunk={trunk} />
      </Stack>
    </Labelled>
  )
}

function capColor(share: number): string {
  if (share >= 1) return 'red'

  return share >= 0.8 ? 'orange' : 'blue'
}

function ResetCaps({ trunk }: { trunk: string }) {
  const client = useQueryClient()
  const [isAsking, asking] = useDisclosure()
  const reset = useMutation({
    mutationFn: () => api.DELETE('/v1/trunks/{trunk}/caps', { params: { path: { trunk } } }),
    onSuccess: async () => {
      asking.close()
      await client.invalidateQueries({ queryKey: keys.trunks })
    },
  })

  return (
    <>
      <RoleButton
        everywhere
        needs="operator"
        size="compact-sm"
        variant="default"
        style={{ alignSelf: 'flex-start' }}
        aria-label={texts.trunks.resetCapsOf(trunk)}
        onClick={asking.open}
      >
        {texts.trunks.resetCaps}
      </RoleButton>
      {isAsking && (
        <ConfirmDialog
          title={texts.trunks.resetCapsOf(trunk)}
          action={texts.trunks.resetCaps}
          mutation={{
            mutate: () => {
              reset.mutate()
            },
            isPending: reset.isPending,
            error: reset.error,
          }}
          close={asking.close}
        >
          {texts.trunks.resetCapsAsk}
        </ConfirmDialog>
      )}
    </>
  )
}

function Forget({ trunk }: { trunk: string }) {
  const client = useQueryClient()
  const forget = useMutation({
    mutationFn: () => api.DELETE('/v1/trunks/{trunk}/memory', { params: { path: { trunk } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.trunks }),
  })

  return (
    <>
      <RoleButton
        everywhere
        needs="admin"
        size="compact-sm"
        variant="default"
        loading={forget.isPending}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => {
          forget.mutate()
        }}
      >
        {texts.trunks.forget}
      </RoleButton>
      <ProblemAlert error={forget.error} />
    </>
  )
}
