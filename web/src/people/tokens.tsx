import { Button, Code, Group, Paper, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Token } from '../api/client'
import { ConfirmDialog } from '../shell/confirm'
import { FormDialog } from '../shell/form-dialog'
import { CopyButton } from '../shell/copy-button'
import { texts } from '../texts'
import { moment } from '../time'
import { AccessCard } from './access-card'
import { NameField } from './fields'
import { GrantFields, grantsBody, type Grants } from './grant-fields'
import { tokensQuery, useAccessChange } from './queries'

const roles = ['agent', 'context', 'viewer', 'operator', 'publisher', 'admin'] as const

export function TokenList() {
  const tokens = useQuery(tokensQuery).data ?? []
  const [isAdding, setAdding] = useState(false)
  const [made, setMade] = useState<{ name: string; token: string }>()
  const [revoking, setRevoking] = useState<Token>()

  return (
    <Stack component="section" aria-label={texts.people.tokens}>
      <Group justify="space-between">
        <Title order={3}>{texts.people.tokens}</Title>
        <Button
          onClick={() => {
            setAdding(true)
          }}
        >
          {texts.people.addToken}
        </Button>
      </Group>
      {made && <NewToken {...made} />}
      {tokens.length === 0 && <Text c="dimmed">{texts.people.noTokens}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {tokens.map((token) => (
          <TokenCard
            key={token.id}
            token={token}
            revoke={() => {
              setRevoking(token)
            }}
          />
        ))}
      </SimpleGrid>
      {isAdding && (
        <AddTokenDialog
          close={() => {
            setAdding(false)
          }}
          show={setMade}
        />
      )}
      {revoking && (
        <RevokeDialog
          token={revoking}
          close={() => {
            setRevoking(undefined)
          }}
        />
      )}
    </Stack>
  )
}

/** Shows a new token, once: the server keeps its hash only. */
function NewToken({ name, token }: { name: string; token: string }) {
  return (
    <Paper withBorder p="md" role="status">
      <Text fw={600} mb="xs">
        {texts.people.madeTitle(name)}
      </Text>
      <Group gap="xs">
        <Code aria-label={texts.people.token} style={{ overflowWrap: 'anywhere' }}>
          {token}
        </Code>
        <CopyButton text={token} label={texts.people.copy} />
      </Group>
    </Paper>
  )
}

function TokenCard({ token, revoke }: { token: Token; revoke: () => void }) {
  const { createdAt, createdBy, expiresAt, lastUsedAt, lastUsedFrom = '' } = token
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()

  return (
    <AccessCard holder={token}>
      <Text size="xs" c="dimmed">
        {texts.people.madeBy(moment(createdAt), createdBy)}
      </Text>
      <Text size="xs" c={isOver ? 'red.9' : 'dimmed'}>
        {expiresAt === undefined ? texts.people.noExpiry : texts.people.expires(moment(expiresAt), isOver)}
      </Text>
      <Text size="xs" c="dimmed">
        {lastUsedAt === undefined ? texts.people.unused : texts.people.lastUsed(moment(lastUsedAt), lastUsedFrom)}
      </Text>
      <Group mt="auto">
        <Button variant="subtle" size="compact-sm" color="red" onClick={revoke}>
          {texts.people.revoke}
        </Button>
      </Group>
    </AccessCard>
  )
}

function AddTokenDialog({
  close,
  show,
}: {
  close: () => void
  show: (token: { name: string; token: string }) => void
}) {
  const [name, setName] = useState('')
  const [grants, setGrants] = useState<Grants<(typeof roles)[number]>>({
    role: 'agent',
    projects: [],
    projectRoles: {},
  })
  const [until, setUntil] = useState('')
  const add = useAccessChange(
    async () =>
      (
        await api.POST('/v1/tokens', {
          body: {
            name,
            ...grantsBody(grants),
            ...(until && { expiresAt: new Date(until).toISOString() }),
          },
        })
      ).data,
    (token) => {
      if (token) show(token)
      close()
    },
  )

  return (
    <FormDialog title={texts.people.addToken} action={texts.people.addToken} mutation={add} close={close}>
      <NameField value={name} change={setName} />
      <GrantFields roles={roles} value={grants} change={setGrants} />
      <TextInput
        label={texts.people.expiry}
        type="datetime-local"
        value={until}
        onChange={({ currentTarget }) => {
          setUntil(currentTarget.value)
        }}
      />
    </FormDialog>
  )
}

function RevokeDialog({ token: { id, name }, close }: { token: Token; close: () => void }) {
  const revoke = useAccessChange(() => api.DELETE('/v1/tokens/{id}', { params: { path: { id } } }), close)

  return (
    <ConfirmDialog title={texts.people.revokeTitle(name)} action={texts.people.revoke} mutation={revoke} close={close}>
      {texts.people.revokeAsk}
    </ConfirmDialog>
  )
}
