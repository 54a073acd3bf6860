import { Badge, Card, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Person, Token } from '../api/client'
import { texts } from '../texts'

/** Shows a person or a token: name, role, projects, and the rest as children. */
export function AccessCard({ holder, children }: { holder: Person | Token; children: ReactNode }) {
  const { name, role, projects, projectRoles = {} } = holder
  const others = Object.entries(projectRoles).map(([project, one]) =>
    texts.people.projectRole(project, texts.access.roles[one]),
  )
  const plain = projects?.filter((project) => !(project in projectRoles)) ?? [texts.people.allProjects]

  return (
    <Card component="article" aria-label={name} withBorder>
      <Stack gap="xs" h="100%">
        <Group justify="space-between">
          <Title order={4} size="h5" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Title>
          <Badge variant="light">{texts.access.roles[role]}</Badge>
        </Group>
        <Text size="sm">{[...plain, ...others].join(', ')}</Text>
        {children}
      </Stack>
    </Card>
  )
}
