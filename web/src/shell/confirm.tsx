import { Button, Modal, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { DialogButtons } from './dialog-buttons'
import { ProblemAlert } from './problem'

interface ConfirmProps {
  title: string
  children: ReactNode
  /** The text of the button that confirms. */
  action: string
  mutation: { mutate: () => void; isPending: boolean; error: Error | null }
  close: () => void
}

/** Asks before something is done that cannot be undone. */
export function ConfirmDialog({ title, children, action, mutation, close }: ConfirmProps) {
  return (
    <Modal opened onClose={close} title={title}>
      <Stack>
        <Text>{children}</Text>
        <ProblemAlert error={mutation.error} />
        <DialogButtons cancel={close}>
          <Button
            color="red"
            loading={mutation.isPending}
            onClick={() => {
              mutation.mutate()
            }}
          >
            {action}
          </Button>
        </DialogButtons>
      </Stack>
    </Modal>
  )
}
