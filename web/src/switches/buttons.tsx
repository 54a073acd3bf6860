import { Group } from '@mantine/core'
import { useState } from 'react'
import type { ActiveSwitch } from '../api/client'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'
import { SwitchDialog } from './dialog'
import type { Subject } from './subject'

const actions = ['close', 'divert', 'open'] as const

interface ButtonsProps {
  project: string
  subject: Subject
  /** Whether a schedule may close it: nothing else is opened outside its hours. */
  hasHours: boolean
}

/** The buttons that switch a handoff or a schedule at once. */
export function SwitchButtons({ project, subject, hasHours }: ButtonsProps) {
  const [action, setAction] = useState<ActiveSwitch['action']>()
  const shown = actions.filter((one) => one !== 'open' || hasHours)

  return (
    <Group gap={4}>
      {shown.map((one) => (
        <RoleButton
          needs="operator"
          key={one}
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            setAction(one)
          }}
        >
          {texts.switches[one]}
        </RoleButton>
      ))}
      {action && (
        <SwitchDialog
          project={project}
          subject={subject}
          action={action}
          close={() => {
            setAction(undefined)
          }}
        />
      )}
    </Group>
  )
}
