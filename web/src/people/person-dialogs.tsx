import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { api, type Person } from '../api/client'
import { DialogButtons } from '../shell/dialog-buttons'
import { ProblemAlert } from '../shell/problem'
import type { Role } from '../session/session'
import { texts } from '../texts'
import { ProjectsField, RoleField } from './fields'
import { useAccessChange } from './queries'

const roles = ['viewer', 'operator', 'publisher', 'admin'] as const

interface DialogProps {
  title: string
  action: string
  mutation: { mutate: () => void; isPending: boolean; error: Error | null }
  close: () => void
  children: ReactNode
}

/** A form of one change of people or tokens. */
export function AccessDialog({ title, action, mutation, close, children }: DialogProps) {
  return (
    <Modal opened onClose={close} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          mutation.mutate()
        }}
      >
        <Stack>
          {children}
          <ProblemAlert error={mutation.error} />
          <DialogButtons cancel={close}>
            <Button type="submit" loading={mutation.isPending}>
              {action}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}

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
    <AccessDialog title={texts.people.add} action={texts.people.add} mutation={add} close={close}>
      {isFirst && <Text size="sm">{texts.people.firstHelp}</Text>}
      <TextInput
        label={texts.access.name}
        value={name}
        data-autofocus
        autoComplete="off"
        onChange={({ currentTarget }) => {
          setName(currentTarget.value)
        }}
      />
      <NewPassword value={password} change={setPassword} />
      <RoleField roles={roles} value={role} change={setRole} />
      <ProjectsField value={projects} change={setProjects} />
    </AccessDialog>
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
    <AccessDialog title={texts.people.changeTitle(name)} action={texts.people.save} mutation={change} close={close}>
      <RoleField roles={roles} value={role} change={setRole} />
      <ProjectsField value={projects} change={setProjects} />
    </AccessDialog>
  )
}

export function ResetPasswordDialog({ name, close }: { name: string; close: () => void }) {
  const [password, setPassword] = useState('')
  const reset = useAccessChange(
    () => api.PUT('/v1/people/{name}/password', { params: { path: { name } }, body: { password } }),
    close,
  )

  return (
    <AccessDialog title={texts.people.resetTitle(name)} action={texts.people.reset} mutation={reset} close={close}>
      <Text size="sm">{texts.people.resetHelp}</Text>
      <NewPassword value={password} change={setPassword} />
    </AccessDialog>
  )
}

function NewPassword({ value, change }: { value: string; change: (password: string) => void }) {
  return (
    <PasswordInput
      label={texts.access.password}
      description={texts.access.passwordHelp}
      autoComplete="new-password"
      value={value}
      visibilityToggleButtonProps={{ 'aria-label': texts.access.showPassword }}
      onChange={({ currentTarget }) => {
        change(currentTarget.value)
      }}
    />
  )
}
