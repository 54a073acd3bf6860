import { MultiSelect, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { projectsQuery } from '../api/queries'
import { texts } from '../texts'

interface RoleFieldProps<R extends string> {
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
export function RoleField<R extends keyof typeof texts.access.roles>({ roles, value, change }: RoleFieldProps<R>) {
  return (
    <NativeSelect
      label={texts.people.role}
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

/** The projects that a person or a token is limited to; none: all. */
export function ProjectsField({ value, change }: { value: string[]; change: (projects: string[]) => void }) {
  const projects = useQuery(projectsQuery).data ?? []

  return (
    <MultiSelect
      label={texts.people.projects}
      placeholder={value.length === 0 ? texts.people.allProjects : ''}
      data={[...new Set([...projects.map(({ project }) => project), ...value])]}
      value={value}
      onChange={change}
      comboboxProps={{ withinPortal: false }}
    />
  )
}
