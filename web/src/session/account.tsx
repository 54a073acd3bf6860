import { Button, Menu, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client'
import { IconUserCircle } from '../icons'
import { DialogButtons } from '../shell/dialog-buttons'
import { forgetKept } from '../shell/kept'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { usePrincipal } from './session'

/** The person who has signed in, and the ways out; nothing where all is open. */
export function AccountMenu() {
  const principal = usePrincipal()
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
      <Menu position="bottom-end">
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
            {principal.name}: {texts.access.roles[principal.role]}
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
    <Modal opened onClose={close} title={texts.access.changePassword}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <Stack>
          <PasswordInput
            label={texts.access.currentPassword}
            autoComplete="current-password"
            value={current}
            data-autofocus
            visibilityToggleButtonProps={{ 'aria-label': texts.access.showPassword }}
            onChange={({ currentTarget }) => {
              setCurrent(currentTarget.value)
            }}
          />
          <PasswordInput
            label={texts.access.newPassword}
            description={texts.access.passwordHelp}
            autoComplete="new-password"
            value={password}
            visibilityToggleButtonProps={{ 'aria-label': texts.access.showPassword }}
            onChange={({ currentTarget }) => {
              setPassword(currentTarget.value)
            }}
          />
          <ProblemAlert error={change.error} />
          <DialogButtons cancel={close}>
            <Button type="submit" loading={change.isPending}>
              {texts.access.changePassword}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}
