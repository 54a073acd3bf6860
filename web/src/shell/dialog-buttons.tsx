import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'

/** The end of a dialog: Cancel, and the button that does what the dialog is for. */
export function DialogButtons({ cancel, children }: { cancel: () => void; children: ReactNode }) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={cancel}>
        {texts.dialog.cancel}
      </Button>
      {children}
    </Group>
  )
}
