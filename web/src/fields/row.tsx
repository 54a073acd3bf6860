import { ActionIcon, Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { IconX } from '../icons'

/** The id of a new row; rows that a reload has brought back keep theirs. */
export function nextId(rows: readonly { id: number }[]): number {
  return Math.max(0, ...rows.map(({ id }) => id)) + 1
}

/** A row of a list that is edited: its fields, and the button that removes it. */
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

/** The button below the rows of a list that adds one. */
export function AddButton({ label, add }: { label: string; add: () => void }) {
  return (
    <Button variant="light" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={add}>
      {label}
    </Button>
  )
}
