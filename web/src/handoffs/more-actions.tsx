import { ActionIcon, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { texts } from '../texts'

/** The actions of a handoff beside Edit: on a small screen, a button shows and hides them. */
export function MoreActions({ name, children }: { name: string; children: ReactNode }) {
  const [isOpen, more] = useDisclosure()

  return (
    <>
      <ActionIcon
        hiddenFrom="xs"
        variant="subtle"
        size="md"
        aria-expanded={isOpen}
        aria-label={texts.handoffs.more(name)}
        onClick={more.toggle}
      >
        ⋮
      </ActionIcon>
      <Group gap={4} {...(!isOpen && { visibleFrom: 'xs' })} style={{ display: 'contents' }}>
        {children}
      </Group>
    </>
  )
}
