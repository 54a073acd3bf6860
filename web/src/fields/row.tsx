import { ActionIcon, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { IconX } from '../icons'

/** One row of a list that is edited: its fields, and what takes it away. */
export function Row({ children }: { children: ReactNode }) {
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap">
      {children}
    </Group>
  )
}

export function RemoveButton({ label, remove }: { label: string; remove: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={remove}>
      <IconX size={16} aria-hidden />
    </ActionIcon>
  )
}
