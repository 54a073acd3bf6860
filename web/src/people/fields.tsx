import { NativeSelect, TextInput } from '@mantine/core'
import { texts } from '../texts'

interface RoleFieldProps<R extends string> {
  /** `Role` when left out. */
  label?: string
  roles: readonly R[]
  value: R
  change: (role: R) => void
}

/** The name of a new person or token. */
export function NameField({ value, change }: { value: string; change: (name: string) => void }) {
  return (
    <TextInput
      label={texts.access.name}
      value={value}
      data-autofocus
      autoComplete="off"
      onChange={({ currentTarget }) => {
        change(currentTarget.value)
      }}
    />
  )
}

/** The role of a person or a token, and in words what it allows. */
export function RoleField<R extends keyof typeof texts.access.roles>({
  label = texts.people.role,
  roles,
  value,
  change,
}: RoleFieldProps<R>) {
  return (
    <NativeSelect
      label={label}
      description={texts.access.roleHelp[value]}
      data={roles.map((role) => ({ value: role, label: texts.access.roles[role] }))}
      value={value}
      onChange={({ currentTarget }) => {
        const chosen = roles.find((role) => role === currentTarget.value)
        if (chosen) change(chosen)
      }}
    />
  )
}
