import { Text } from '@mantine/core'
import { useState } from 'react'
import { api, type Person } from '../api/client'
import { FormDialog } from '../shell/form-dialog'
import { PasswordField } from '../session/password-field'
import type { Role } from '../session/session'
import { texts } from '../texts'
import { NameField, ProjectsField, RoleField } from './fields'
import { useAccessChange } from './queries'

const roles = ['viewer', 'operator', 'publisher', 'admin'] as const

export function AddPersonDialog({ close, isFirst }: { close: () => void; isFirst: boolean }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>(isFirst ? 'admin' : 'viewer')
  const [projects, setProjects] = useState<string[]>([])
  const add = useAccessChange(
    () => api.POST('/v1/people', { body: { name, password, role, ...(projects.length > 0 && { projects }) } }),
    close,
  )

  return (
    <FormDialog title={texts.people.add} action={texts.people.add} mutation={add} close={close}>
      {isFirst && <Text size="sm">{texts.people.firstHelp}</Text>}
      <NameField value={name} change={setName} />
      <PasswordField kind="new" value={password} change={setPassword} />
      <RoleField roles={roles} value={role} change={setRole} />
      <ProjectsField value={projects} change={setProjects} />
    </FormDialog>
  )
}

export function ChangePersonDialog({ person, close }: { person: Person; close: () => void }) {
  const { name } = person
  const [role, setRole] = useState<Role>(person.role)
  const [projects, setProjects] = useState(person.projects ?? [])
  const change = useAccessChange(
    () =>
      api.PATCH('/v1/people/{name}', {
        params: { path: { name } },
        body: { role, projects: projects.length > 0 ? projects : null },
      }),
    close,
  )

  return (
    <FormDialog title={texts.people.changeTitle(name)} action={texts.people.save} mutation={change} close={close}>
      <RoleField roles={roles} value={role} change={setRole} />
      <ProjectsField value={projects} change={setProjects} />
    </FormDialog>
  )
}

export function ResetPasswordDialog({ name, close }: { name: string; close: () => void }) {
  const [password, setPassword] = useState('')
  const reset = useAccessChange(
    () => api.PUT('/v1/people/{name}/password', { params: { path: { name } }, body: { password } }),
    close,
  )

  return (
    <FormDialog title={texts.people.resetTitle(name)} action={texts.people.reset} mutation={reset} close={close}>
      <Text size="sm">{texts.people.resetHelp}</Text>
      <PasswordField kind="new" value={password} change={setPassword} />
    </FormDialog>
  )
}
