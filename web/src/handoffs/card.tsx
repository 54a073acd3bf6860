import { Badge, Card, Code, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, type Handoff, type HistoryEntry } from '../api/client'
import { keys } from '../api/queries'
import { RoleButton } from '../session/role-button'
import { SwitchButtons } from '../switches/buttons'
import { texts } from '../texts'
import { moment } from '../time'
import { MoreActions } from './more-actions'
import { HandoffStatus } from './status'
import { HandoffSuccess } from './success'
import { DuplicateDialog, RemoveDialog } from './card-dialogs'

interface CardProps {
  project: string
  handoff: Handoff
  changed: HistoryEntry | undefined
  edit: () => void
}

/** Shows a handoff of the draft, with the buttons that change it. */
export function HandoffCard({ project, handoff, changed, edit }: CardProps) {
  const { name, display_name, description, method = 'refer', route, on_failure = [] } = handoff
  const isActive = handoff.active !== false
  const isDefault = handoff.default === true
  const path = { project, handoff: name }
  const change = useHandoffCommand(project)
  const [isDuplicating, duplicating] = useDisclosure()
  const [isRemoving, removing] = useDisclosure()

  return (
    <Card
      component="article"
      aria-label={display_name === undefined ? name : `${display_name} (${name})`}
      withBorder
      padding="md"
    >
      <Stack gap="xs" h="100%">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div style={{ minWidth: 0 }}>
            <Title order={3} size="h5" style={{ overflowWrap: 'anywhere' }}>
              {display_name ?? name}
            </Title>
            {display_name !== undefined && (
              <Text size="xs" c="dimmed">
                {name}
              </Text>
            )}
          </div>
        </Group>
        <Group gap={6}>
          <Badge variant="light">{texts.method[method]}</Badge>
          {isDefault && <Badge color="green">{texts.handoffs.isDefault}</Badge>}
          {!isActive && <Badge color="gray">{texts.handoffs.isInactive}</Badge>}
        </Group>
        <HandoffStatus project={project} handoff={name} />
        {description && <Text size="sm">{description}</Text>}
        {route && <Code style={{ overflowWrap: 'anywhere' }}>{route}</Code>}
        {on_failure.length > 0 && (
          <Text size="sm" c="dimmed">
            {texts.handoffs.thenTry}: {on_failure.join(', ')}
          </Text>
        )}
        <HandoffSuccess project={project} handoff={name} />
        {changed && (
          <Text size="xs" c="dimmed">
            {texts.handoffs.lastChanged(moment(changed.at), changed.who)}
          </Text>
        )}
        <Group gap={4} mt="auto">
          <RoleButton needs="operator" variant="light" size="compact-sm" onClick={edit}>
            {texts.handoffs.edit}
          </RoleButton>
          <MoreActions name={name}>
            <RoleButton needs="operator" variant="subtle" size="compact-sm" onClick={duplicating.open}>
              {texts.handoffs.duplicate}
            </RoleButton>
            <RoleButton
              needs="operator"
              variant="subtle"
              size="compact-sm"
              disabled={isDefault}
              onClick={() => {
                change.mutate(() =>
                  api.POST('/v1/projects/{project}/draft/handoffs/{handoff}/default', { params: { path } }),
                )
              }}
            >
              {texts.handoffs.setDefault}
            </RoleButton>
            <RoleButton
              needs="operator"
              variant="subtle"
              size="compact-sm"
              onClick={() => {
                change.mutate(() =>
                  api.PATCH('/v1/projects/{project}/draft/handoffs/{handoff}', {
                    params: { path },
                    body: { active: isActive ? false : null },
                  }),
                )
              }}
            >
              {isActive ? texts.handoffs.deactivate : texts.handoffs.activate}
            </RoleButton>
            <RoleButton needs="operator" variant="subtle" size="compact-sm" color="red" onClick={removing.open}>
              {texts.handoffs.remove}
            </RoleButton>
          </MoreActions>
        </Group>
        <SwitchButtons project={project} subject={{ handoff: name }} hasHours={handoff.schedule !== undefined} />
      </Stack>
      {isDuplicating && <DuplicateDialog project={project} name={name} close={duplicating.close} />}
      {isRemoving && <RemoveDialog project={project} name={name} close={removing.close} />}
    </Card>
  )
}

/** A change of the draft: a notification shows its failure; after a success the draft is asked for anew. */
function useHandoffCommand(project: string) {
  const client = useQueryClient()

  return useMutation({
    mutationFn: (command: () => Promise<unknown>) => command(),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.project(project) }),
    onError: ({ message }) =>
      notifications.show({ title: texts.shell.failed, message, color: 'red', autoClose: 10_000 }),
  })
}
