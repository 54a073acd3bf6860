import { Group, Title } from '@mantine/core'
import { IconPlus } from '../icons'
import { RoleButton } from '../session/role-button'

/** The title of a page of handoffs or schedules, and the button that adds one. */
export function PartsHead({ title, action, add }: { title: string; action: string; add: () => void }) {
  return (
    <Group justify="space-between">
      <Title order={2}>{title}</Title>
      <RoleButton needs="operator" leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
        {action}
      </RoleButton>
    </Group>
  )
}
