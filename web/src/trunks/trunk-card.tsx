import { Badge, Card, Code, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, type Trunk } from '../api/client'
import { keys } from '../api/queries'
import { ProblemAlert } from '../shell/problem'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'
import { moment } from '../time'

/** A trunk: who may call over it, where it calls, and what it has refused lately. */
export function TrunkCard({ trunk: { name, peers, gateways, refer, memory } }: { trunk: Trunk }) {
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

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Text>
    </div>
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
