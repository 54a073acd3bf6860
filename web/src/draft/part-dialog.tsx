import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { historyQuery } from '../api/queries'
import { SaveProblems } from '../fields/conflict'
import { FormDialog } from '../shell/form-dialog'
import { lastChange } from './last-change'
import type { List, Part, usePartEdit } from './part'

interface PartFormProps<Of extends List> {
  part: Pick<
    ReturnType<typeof usePartEdit<Of, { base: Part<Of> | undefined; etag: string }>>,
    'project' | 'list' | 'edited' | 'end' | 'save'
  >
  title: string
  /** The label of the submit button. */
  action: string
  /** Puts the other person's value of a field into the edit. */
  take: (field: keyof Part<Of>, theirs: Part<Of> | undefined) => void
  children: ReactNode
}

/** The dialog of a handoff or a schedule: its fields, and another person's change of the same part. */
export function PartDialog<Of extends List>({ part, title, action, take, children }: PartFormProps<Of>) {
  const { project, list, edited, end, save } = part
  const { base } = save.merge
  const history = useQuery(historyQuery(project)).data ?? []

  return (
    <FormDialog
      title={title}
      size="xl"
      closeOnClickOutside={false}
      action={action}
      mutation={save}
      problem={
        <SaveProblems
          merge={save.merge}
          error={save.error}
          mine={edited}
          entry={base && lastChange(history, list === 'handoffs' ? 'handoff' : 'schedule', base.name)}
          take={(field, theirs) => {
            take(field as keyof Part<Of>, theirs)
          }}
        />
      }
      close={end}
    >
      {children}
    </FormDialog>
  )
}
