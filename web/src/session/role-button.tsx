import { Button, Tooltip, type ButtonProps } from '@mantine/core'
import type { ComponentPropsWithoutRef, MouseEvent } from 'react'
import { useLackedRole, type Role } from './session'

type RoleButtonProps = ButtonProps &
  Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & {
    /** The role that the server asks for. */
    needs: Role
    /** What the button does concerns all projects. */
    everywhere?: boolean
  }

/** A button that needs a role. Without the role, the button does nothing and says why. */
export function RoleButton({ needs, everywhere = false, ...button }: RoleButtonProps) {
  const lacked = useLackedRole()(needs, everywhere ? 'everywhere' : 'here')
  if (lacked === undefined) return <Button {...button} />

  return (
    <Tooltip label={lacked} events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...button}
        type="button"
        data-disabled
        aria-disabled
        aria-description={lacked}
        onClick={(event: MouseEvent) => {
          event.preventDefault()
        }}
      />
    </Tooltip>
  )
}
