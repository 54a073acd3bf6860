import { PasswordInput } from '@mantine/core'
import { texts } from '../texts'

interface PasswordFieldProps {
  /** `Password` when left out. */
  label?: string
  /** A new password shows the rule for its length. */
  kind: 'current' | 'new'
  value: string
  change: (password: string) => void
  required?: boolean
  'data-autofocus'?: boolean
}

/** A password, for a person's password manager and, with the button, for the eye. */
export function PasswordField({ label = texts.access.password, kind, change, ...input }: PasswordFieldProps) {
  return (
    <PasswordInput
      label={label}
      description={kind === 'new' ? texts.access.passwordHelp : undefined}
      autoComplete={`${kind}-password`}
      withAsterisk={false}
      visibilityToggleButtonProps={{ 'aria-label': texts.access.showPassword }}
      onChange={({ currentTarget }) => {
        change(currentTarget.value)
      }}
      {...input}
    />
  )
}
