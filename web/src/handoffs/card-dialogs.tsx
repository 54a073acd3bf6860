import { Button, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api } from '../api/client'
import { DialogButtons } from '../shell/dialog-buttons'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'

interface DialogProps {
  project: string
  name: string
  close: () => void
}

/** Asks for the name of the copy. */
export function DuplicateDialog({ project, name, close }: DialogProps) {
  const [copy, setCopy] = useState(`${name}-copy`)
  const duplicate = useProjectChange(
    project,
    () =>
      api.POST('/v1/projects/{project}/draft/handoffs/{handoff}/duplicate', {
        params: { path: { project, handoff: name } },
        body: { as: copy },
      }),
    close,
  )

  return (
    <Modal opened onClose={close} title={texts.handoffs.duplicateTitle(name)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          duplicate.mutate()
        }}
      >
        <Stack>
          <TextInput
            label={texts.handoffs.duplicateName}
            value={copy}
            error={duplicate.error?.message}
            data-autofocus
            onChange={({ currentTarget }) => {
              setCopy(currentTarget.value)
            }}
          />
          <DialogButtons cancel={close}>
            <Button type="submit" loading={duplicate.isPending}>
              {texts.handoffs.duplicate}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}

/** Deletes a handoff once its name is typed. */
export function RemoveDialog({ project, name, close }: DialogProps) {
  const [typed, setTyped] = useState('')
  const remove = useProjectChange(
    project,
    () =>
      api.DELETE('/v1/projects/{project}/draft/handoffs/{handoff}', { params: { path: { project, handoff: name } } }),
    close,
  )

  return (
    <Modal opened onClose={close} title={texts.handoffs.removeTitle(name)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          remove.mutate()
        }}
      >
        <Stack>
          <Text>{texts.handoffs.removeAsk(name)}</Text>
          <TextInput
            label={texts.handoffs.removeName}
            value={typed}
            data-autofocus
            onChange={({ currentTarget }) => {
              setTyped(currentTarget.value)
            }}
          />
          <ProblemAlert error={remove.error} />
          <DialogButtons cancel={close}>
            <Button type="submit" color="red" disabled={typed !== name} loading={remove.isPending}>
              {texts.handoffs.remove}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}
