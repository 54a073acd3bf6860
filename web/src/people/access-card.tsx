import { Badge, Card, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Person, Token } from '../api/client'
import { texts } from '../texts'

/** Shows a person or a token: name, role, projects, and the rest as children. */
export function AccessCard({ holder, children }: { holder: Person | Token; children: ReactNode }) {
  const { name, role, projects } = holder

  return (
    <Card component="article" aria-label={name} withBorder>
      <Stack gap="xs" h="100%">
        <Group justify="space-between">
          <Title order={4} size="h5" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Title>
          <Badge variant="light">{texts.access.roles[role]}</Badge>
        </Group>
        <Text size="sm">{projects ? projects.join(', ') : texts.people.allProjects}</Text>
        {children}
      </Stack>
    </Card>
  )
}
