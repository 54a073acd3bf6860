import { Modal, type ModalProps } from '@mantine/core'
import { useEffect, useState } from 'react'
import { focusContent, openerOf } from './focus'

/** A dialog. When it closes, its opener gets the focus back; where the opener has gone, the content of the page gets it. */
export function Dialog({ children, ...modal }: ModalProps) {
  return (
    <Modal {...modal} returnFocus={false}>
      <FocusReturn />
      {children}
    </Modal>
  )
}

/** Is mounted as long as the dialog is shown, also where the whole dialog is unmounted instead of closed. */
function FocusReturn() {
  const [opener] = useState(() => openerOf(document.activeElement))
  useEffect(
    () => () => {
      const home = opener()
      if (home) home.focus({ preventScroll: true })
      else focusContent()
    },
    [opener],
  )

  return null
}
