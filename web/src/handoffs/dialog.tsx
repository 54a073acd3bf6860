import { Button, Collapse, Modal, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Handoff } from '../api/client'
import { historyQuery, useDraft, useProject } from '../api/queries'
import { isSame } from '../fields/compare'
import { Conflict } from '../fields/conflict'
import { useKept } from '../shell/kept'
import { DialogButtons } from '../shell/dialog-buttons'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { AdvancedFields } from './advanced'
import { BasicFields } from './basics'
import { completed, editOf, slugOf, withField, type Edit } from './edit'
import { useExplained } from './explained'
import { HeaderRows } from './headers'
import { lastChange } from './last-change'
import { Preview } from './preview'
import { fieldMistakes, handoffNamed, useSaving } from './saving'

interface DialogProps {
  project: string
  /** The name of the handoff to edit; undefined adds one. */
  handoff: string | undefined
  close: () => void
}

/** Adds or edits one handoff of the draft. What is typed stays, over a reload too, until it is saved or cancelled. */
export function HandoffDialog({ project, handoff, close }: DialogProps) {
  const { table, etag } = useDraft(project)
  const [edit, setEdit, forget] = useKept<Edit>(`baton.edit.${project}.${handoff ?? ''}`, () =>
    editOf(handoffNamed(table, handoff), etag),
  )
  const [isAdvanced, advanced] = useDisclosure()
  const end = (): void => {
    forget()
    close()
  }
  const { base, fields, name } = edit
  const theirs = handoffNamed(table, base?.name)
  const isOld = base !== undefined && !isSame(theirs, base)
  // What another person has made of the handoff is shown before a save may go over it.
  const [seen, setSeen] = useState<{ theirs: Handoff | undefined }>()
  const save = useSaving(project, isOld ? { ...edit, base: theirs, etag } : edit, {
    done: end,
    lost: (now) => {
      setSeen({ theirs: now })
    },
  })
  const explained = useExplained(project, edit)
  const slug = slugOf(edit)
  const history = useQuery(historyQuery(project)).data ?? []
  const otherVariables = useOtherVariables(project)
  const [saved, tried] = [save.error, explained.error].map((error) => fieldMistakes(error, table, base?.name))
  const mistakeAt = (path: string): string | undefined => saved?.(path) ?? tried?.(path)
  const change = (changes: Partial<Handoff>): void => {
    setEdit({ ...edit, fields: { ...fields, ...changes } })
  }

  return (
    <Modal
      opened
      onClose={end}
      closeOnClickOutside={false}
      size="xl"
      title={handoff === undefined ? texts.dialog.addTitle : texts.dialog.editTitle}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isOld && !(seen && isSame(seen.theirs, theirs))) setSeen({ theirs })
          else save.mutate()
        }}
      >
        <Stack>
          <TextInput
            label={texts.dialog.name}
            description={slug === name || slug === '' ? texts.dialog.nameHelp : texts.dialog.slug(slug)}
            value={name}
            error={mistakeAt('name') ?? mistakeAt('display_name')}
            required
            withAsterisk={false}
            maxLength={100}
            data-autofocus
            onChange={({ currentTarget }) => {
              setEdit({ ...edit, name: currentTarget.value })
            }}
          />
          <BasicFields handoff={fields} change={change} errorAt={mistakeAt} />
          <HeaderRows
            rows={edit.rows}
            change={(rows) => {
              setEdit({ ...edit, rows })
            }}
            errorAt={mistakeAt}
            explanation={explained.explanation}
            otherVariables={otherVariables}
          />
          <Button
            variant="subtle"
            size="compact-sm"
            style={{ alignSelf: 'flex-start' }}
            aria-expanded={isAdvanced}
            onClick={advanced.toggle}
          >
            {texts.dialog.advanced}
          </Button>
          <Collapse expanded={isAdvanced}>
            <AdvancedFields table={table} handoff={fields} change={change} errorAt={mistakeAt} />
          </Collapse>
          <Preview {...explained} />
          {isOld ? (
            <Conflict
              before={base}
              theirs={theirs}
              mine={completed(edit)}
              entry={lastChange(history, base.name)}
              take={(field) => {
                setSeen({ theirs })
                setEdit(withField(edit, field as keyof Handoff, theirs))
              }}
            />
          ) : (
            <ProblemAlert error={save.error} />
          )}
          <DialogButtons cancel={end}>
            <Button type="submit" loading={save.isPending}>
              {handoff === undefined ? texts.dialog.add : texts.dialog.save}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}

/** Variables of any environment of the project, and those that its transfer requests bring. */
function useOtherVariables(project: string): string[] {
  const view = useProject(project)
  const { request_variables = [] } = (view?.settings ?? {}) as { request_variables?: string[] }
  const ofEnvironments = Object.values(view?.environments ?? {}).flatMap(({ variables, draft }) =>
    Object.keys({ ...variables, ...draft?.variables }),
  )

  return [...new Set([...ofEnvironments, ...request_variables])]
}
