import { Button, Menu, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client'
import { IconUserCircle } from '../icons'
import { FormDialog } from '../shell/form-dialog'
import { forgetKept } from '../shell/kept'
import { texts } from '../texts'
import { PasswordField } from './password-field'
import { usePrincipal, useRole } from './session'

/** The menu of the person who has signed in: password and sign-out. Renders nothing while no sign-in is needed. */
export function AccountMenu() {
  const principal = usePrincipal()
  const role = useRole()
  const [isChanging, changing] = useDisclosure()
  const signOut = useMutation({
    mutationFn: (everywhere: boolean) => api.POST('/v1/sign-out', { body: { everywhere } }),
    // Nothing of what was shown or typed stays in the browser's memory.
    onSuccess: () => {
      forgetKept()
      location.assign('/')
    },
    onError: ({ message }) => notifications.show({ title: texts.shell.failed, message, color: 'red' }),
  })
  if (principal?.kind !== 'account') return null

  return (
    <>
      {/* Without Mantine's placeholder, which is no item, the first item has the focus (WAI-ARIA 1.2, menu). */}
      <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button
            variant="default"
            size="compact-md"
            h={36}
            aria-label={texts.access.account(principal.name)}
            leftSection={<IconUserCircle size={18} stroke={1.5} aria-hidden />}
          >
            <Text span size="sm" visibleFrom="sm">
              {principal.name}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {principal.name}: {texts.access.roles[role ?? principal.role]}
          </Menu.Label>
          <Menu.Item onClick={changing.open}>{texts.access.changePassword}</Menu.Item>
          <Menu.Item
            onClick={() => {
              signOut.mutate(false)
            }}
          >
            {texts.access.signOut}
          </Menu.Item>
          <Menu.Item
            onClick={() => {
              signOut.mutate(true)
            }}
          >
            {texts.access.signOutEverywhere}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isChanging && <PasswordDialog close={changing.close} />}
    </>
  )
}

function PasswordDialog({ close }: { close: () => void }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () => api.PUT('/v1/session/password', { body: { current, password } }),
    onSuccess: () => {
      notifications.show({ message: texts.access.passwordChanged, color: 'green' })
      close()
    },
  })

  return (
    <FormDialog
      title={texts.access.changePassword}
      action={texts.access.changePassword}
      mutation={change}
      close={close}
    >
      <PasswordField
        kind="current"
        label={texts.access.currentPassword}
        value={current}
        change={setCurrent}
        data-autofocus
      />
      <PasswordField kind="new" label={texts.access.newPassword} value={password} change={setPassword} />
    </FormDialog>
  )
}
