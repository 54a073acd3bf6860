import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api } from '../api/client'
import { FormDialog } from '../shell/form-dialog'
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
    <FormDialog
      title={texts.handoffs.duplicateTitle(name)}
      action={texts.handoffs.duplicate}
      mutation={duplicate}
      problem={null}
      close={close}
    >
      <TextInput
        label={texts.handoffs.duplicateName}
        value={copy}
        error={duplicate.error?.message}
        data-autofocus
        onChange={({ currentTarget }) => {
          setCopy(currentTarget.value)
        }}
      />
    </FormDialog>
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
    <FormDialog
      title={texts.handoffs.removeTitle(name)}
      action={texts.handoffs.remove}
      mutation={remove}
      button={{ color: 'red', disabled: typed !== name }}
      close={close}
    >
      <Text>{texts.handoffs.removeAsk(name)}</Text>
      <TextInput
        label={texts.handoffs.removeName}
        value={typed}
        data-autofocus
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value)
        }}
      />
    </FormDialog>
  )
}
