import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Person } from '../api/client'
import { ConfirmDialog } from '../shell/confirm'
import { texts } from '../texts'
import { moment } from '../time'
import { AccessCard } from './access-card'
import { AddPersonDialog, ChangePersonDialog, ResetPasswordDialog } from './person-dialogs'
import { peopleQuery, useAccessChange } from './queries'

type Action = { what: 'add' } | { what: 'change' | 'reset' | 'remove'; person: Person }

export function PeopleList() {
  const people = useQuery(peopleQuery).data ?? []
  const [action, setAction] = useState<Action>()
  const close = (): void => {
    setAction(undefined)
  }

  return (
    <Stack component="section" aria-label={texts.people.people}>
      <Group justify="space-between">
        <Title order={3}>{texts.people.people}</Title>
        <Button
          onClick={() => {
            setAction({ what: 'add' })
          }}
        >
          {texts.people.add}
        </Button>
      </Group>
      {people.length === 0 && <Text c="dimmed">{texts.people.none}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {people.map((person) => (
          <PersonCard
            key={person.name}
            person={person}
            act={(what) => {
              setAction({ what, person })
            }}
          />
        ))}
      </SimpleGrid>
      {action?.what === 'add' && <AddPersonDialog close={close} isFirst={people.length === 0} />}
      {action?.what === 'change' && <ChangePersonDialog person={action.person} close={close} />}
      {action?.what === 'reset' && <ResetPasswordDialog name={action.person.name} close={close} />}
      {action?.what === 'remove' && <RemovePersonDialog name={action.person.name} close={close} />}
    </Stack>
  )
}

function PersonCard({ person, act }: { person: Person; act: (what: 'change' | 'reset' | 'remove') => void }) {
  const { signsIn, lastSignInAt, sessions } = person

  return (
    <AccessCard holder={person}>
      <Text size="xs" c="dimmed">
        {texts.people.signsIn[signsIn]};{' '}
        {lastSignInAt === undefined ? texts.people.never : texts.people.lastSignIn(moment(lastSignInAt), sessions)}
      </Text>
      <Group gap={4} mt="auto">
        <Button
          variant="light"
          size="compact-sm"
          onClick={() => {
            act('change')
          }}
        >
          {texts.people.change}
        </Button>
        {signsIn === 'password' && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => {
              act('reset')
            }}
          >
            {texts.people.reset}
          </Button>
        )}
        <Button
          variant="subtle"
          size="compact-sm"
          color="red"
          onClick={() => {
            act('remove')
          }}
        >
          {texts.people.remove}
        </Button>
      </Group>
    </AccessCard>
  )
}

function RemovePersonDialog({ name, close }: { name: string; close: () => void }) {
  const remove = useAccessChange(() => api.DELETE('/v1/people/{name}', { params: { path: { name } } }), close)

  return (
    <ConfirmDialog title={texts.people.removeTitle(name)} action={texts.people.remove} mutation={remove} close={close}>
      {texts.people.removeAsk}
    </ConfirmDialog>
  )
}
