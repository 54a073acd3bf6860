import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { FormDialog, type FormChange } from './form-dialog'

interface ConfirmProps {
  title: string
  children: ReactNode
  /** The label of the button that confirms. */
  action: string
  mutation: FormChange
  close: () => void
}

/** Asks before a change that cannot be undone. */
export function ConfirmDialog({ children, ...dialog }: ConfirmProps) {
  return (
    <FormDialog {...dialog} button={{ color: 'red' }}>
      <Text>{children}</Text>
    </FormDialog>
  )
}
