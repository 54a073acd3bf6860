import { Button, Tooltip, type ButtonProps } from '@mantine/core'
import type { ComponentPropsWithoutRef, MouseEvent } from 'react'
import { texts } from '../texts'
import { useMay, type Role } from './session'

type RoleButtonProps = ButtonProps &
  Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & {
    /** The role that the server asks for. */
    needs: Role
  }

/** A button that needs a role. Without the role, the button does nothing and says why. */
export function RoleButton({ needs, ...button }: RoleButtonProps) {
  const may = useMay()
  if (may(needs)) return <Button {...button} />

  return (
    <Tooltip label={texts.access.needs(texts.access.roles[needs])} events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...button}
        type="button"
        data-disabled
        aria-disabled
        aria-description={texts.access.needs(texts.access.roles[needs])}
        onClick={(event: MouseEvent) => {
          event.preventDefault()
        }}
      />
    </Tooltip>
  )
}
