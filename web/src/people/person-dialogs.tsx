import { Text } from '@mantine/core'
import { useState } from 'react'
import { api, type Person } from '../api/client'
import { FormDialog } from '../shell/form-dialog'
import { PasswordField } from '../session/password-field'
import type { Role } from '../session/session'
import { texts } from '../texts'
import { NameField } from './fields'
import { GrantFields, grantsBody, type Grants } from './grant-fields'
import { useAccessChange } from './queries'

const roles = ['viewer', 'operator', 'publisher', 'admin'] as const

export function AddPersonDialog({ close, isFirst }: { close: () => void; isFirst: boolean }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [grants, setGrants] = useState<Grants<Role>>({
    ...{ role: isFirst ? 'admin' : 'viewer', projects: [], projectRoles: {} },
  })
  const add = useAccessChange(() => api.POST('/v1/people', { body: { name, password, ...grantsBody(grants) } }), close)

  return (
    <FormDialog title={texts.people.add} action={texts.people.add} mutation={add} close={close}>
      {isFirst && <Text size="sm">{texts.people.firstHelp}</Text>}
      <NameField value={name} change={setName} />
      <PasswordField kind="new" value={password} change={setPassword} />
      <GrantFields roles={roles} value={grants} change={setGrants} />
    </FormDialog>
  )
}

export function ChangePersonDialog({ person, close }: { person: Person; close: () => void }) {
  const { name, role, projects = [], projectRoles = {} } = person
  const [grants, setGrants] = useState<Grants<Role>>({ role, projects, projectRoles })
  const change = useAccessChange(
    () =>
      api.PATCH('/v1/people/{name}', {
        params: { path: { name } },
        body: { projects: null, projectRoles: null, ...grantsBody(grants) },
      }),
    close,
  )

  return (
    <FormDialog title={texts.people.changeTitle(name)} action={texts.people.save} mutation={change} close={close}>
      <GrantFields roles={roles} value={grants} change={setGrants} />
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
