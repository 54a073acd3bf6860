import { Button, Group, Stack, type ButtonProps, type ModalProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import { Dialog } from './dialog'
import { ProblemAlert } from './problem'

/** The change that a form submits, as `useMutation` returns it. */
export interface FormChange {
  mutate: () => void
  isPending: boolean
  error: Error | null
}

interface DialogFormProps {
  mutation: FormChange
  /** The label of the submit button. */
  action: string
  /** The look of the submit button. */
  button?: Pick<ButtonProps, 'color' | 'disabled'> & { 'data-autofocus'?: boolean }
  /** Shown above the buttons when the server refuses the change; its own words when left out. */
  problem?: ReactNode
  /** To the step before, of a form in steps. */
  back?: () => void
  close: () => void
  children: ReactNode
}

type FormDialogProps = DialogFormProps &
  Pick<ModalProps, 'title' | 'size' | 'closeOnClickOutside'> & {
    /** Open when left out. */
    opened?: boolean
  }

/** A dialog that is one form: fields, the server's refusal, Cancel and the submit button. */
export function FormDialog({ title, size, closeOnClickOutside = true, opened = true, ...form }: FormDialogProps) {
  return (
    <Dialog
      opened={opened}
      onClose={form.close}
      title={title}
      closeOnClickOutside={closeOnClickOutside}
      {...(size !== undefined && { size })}
    >
      <DialogForm {...form} />
    </Dialog>
  )
}

/** The form of a dialog, for dialogs that show it once its values are loaded. */
export function DialogForm({ mutation, action, button, problem, back, close, children }: DialogFormProps) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        mutation.mutate()
      }}
    >
      <Stack>
        {children}
        {problem === undefined ? <ProblemAlert error={mutation.error} /> : problem}
        <Group justify="flex-end">
          {back && (
            <Button variant="subtle" onClick={back}>
              {texts.dialog.back}
            </Button>
          )}
          <Button variant="default" onClick={close}>
            {texts.dialog.cancel}
          </Button>
          <Button type="submit" loading={mutation.isPending} {...button}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
