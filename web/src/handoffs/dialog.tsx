import { Button, Collapse, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ApiError, type Handoff, type Table } from '../api/client'
import { draftQuery, keys, useDraft } from '../api/queries'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { AdvancedFields } from './advanced'
import { Conflict } from './conflict'
import { changesOf, slugOf } from './fields'
import { HeaderRows, headersOf, rowsOf, type HeaderRow } from './headers'
import { Preview } from './preview'

interface DialogProps {
  project: string
  /** The handoff to edit; undefined adds one. */
  handoff: Handoff | undefined
  close: () => void
}

/** Adds or edits one handoff of the draft. What is typed stays until it is saved or the dialog is closed. */
export function HandoffDialog({ project, handoff, close }: DialogProps) {
  const { table, etag } = useDraft(project)
  const called = calledOf(handoff)
  const [name, setName] = useState(called)
  const [rest, setRest] = useState<Handoff>(handoff ?? { name: '' })
  const [rows, setRows] = useState<HeaderRow[]>(() => rowsOf(handoff?.headers))
  const [isAdvanced, advanced] = useDisclosure()
  const { save, theirs, isLostRace } = useSaving(project, handoff, etag, close)

  const slug = handoff && name === called ? handoff.name : slugOf(name)
  const edited = completed({ ...rest, name: slug }, name, rows)
  const [shown] = useDebouncedValue(JSON.stringify(edited), 400)
  const at = fieldErrors(save.error, table, handoff?.name)
  const set = (changes: Partial<Handoff>): void => {
    setRest({ ...rest, ...changes })
  }
  const take = (field: keyof Handoff): void => {
    if (field === 'headers') setRows(rowsOf(theirs?.headers))
    else if (field === 'name' || field === 'display_name') setName(calledOf(theirs))
    else set({ [field]: theirs?.[field] })
  }

  return (
    <Modal opened onClose={close} size="xl" title={handoff ? texts.dialog.editTitle : texts.dialog.addTitle}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(edited)
        }}
      >
        <Stack>
          <TextInput
            label={texts.dialog.name}
            description={slug === name || slug === '' ? undefined : texts.dialog.slug(slug)}
            value={name}
            error={at('name') ?? at('display_name')}
            required
            withAsterisk={false}
            maxLength={100}
            data-autofocus
            onChange={({ currentTarget }) => {
              setName(currentTarget.value)
            }}
          />
          <BasicFields handoff={rest} change={set} errorAt={at} />
          <HeaderRows rows={rows} change={setRows} errorAt={(header) => at(`headers/${header}`)} />
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={isAdvanced}
            style={{ alignSelf: 'flex-start' }}
            onClick={advanced.toggle}
          >
            {texts.dialog.advanced}
          </Button>
          <Collapse expanded={isAdvanced}>
            <AdvancedFields table={table} handoff={rest} change={set} errorAt={at} />
          </Collapse>
          <Preview project={project} handoff={handoff?.name} edited={shown} />
          {isLostRace ? (
            <Conflict before={handoff} theirs={theirs} mine={edited} take={take} />
          ) : (
            <ProblemAlert error={save.error} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {texts.dialog.cancel}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {handoff ? texts.dialog.save : texts.dialog.add}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** What people call a handoff; '' for one that is not there. */
function calledOf(handoff: Handoff | undefined): string {
  return handoff?.display_name ?? handoff?.name ?? ''
}

/**
 * Saves an edit on what it began with. When another person was first, `theirs` is the handoff as it is now, and the next
 * save builds on that.
 */
function useSaving(project: string, handoff: Handoff | undefined, etag: string, close: () => void) {
  const client = useQueryClient()
  const [base, setBase] = useState({ handoff, etag })
  const [theirs, setTheirs] = useState<Handoff>()
  const save = useMutation({
    mutationFn: async (edited: Handoff) => {
      if (!handoff) {
        // A new handoff takes nothing from another person's: no lost race is possible.
        await api.POST('/v1/projects/{project}/draft/handoffs', { params: { path: { project } }, body: edited })
        return
      }
      await api.PATCH('/v1/projects/{project}/draft/handoffs/{handoff}', {
        params: { path: { project, handoff: handoff.name }, header: { 'if-match': base.etag } },
        body: changesOf(base.handoff, edited),
      })
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.project(project) })
      close()
    },
    onError: async (error) => {
      if (!isConflict(error)) return
      const now = await client.query({ ...draftQuery(project), staleTime: 0 })
      const found = now.table.handoffs.find((one) => one.name === handoff?.name)
      setTheirs(found)
      setBase({ handoff: found, etag: now.etag })
    },
  })

  return { save, theirs, isLostRace: isConflict(save.error) }
}

/** RFC 9110 15.5.13: the draft is no longer the one that the edit began with. */
function isConflict(error: Error | null): boolean {
  return error instanceof ApiError && error.problem.status === 412
}

interface BasicFieldsProps {
  handoff: Handoff
  change: (changes: Partial<Handoff>) => void
  errorAt: (field: string) => string | undefined
}

function BasicFields({ handoff, change, errorAt }: BasicFieldsProps) {
  const method = handoff.method ?? 'refer'

  return (
    <>
      <Textarea
        label={texts.dialog.description}
        value={handoff.description ?? ''}
        error={errorAt('description')}
        autosize
        minRows={1}
        maxLength={1000}
        onChange={({ currentTarget }) => {
          change({ description: currentTarget.value })
        }}
      />
      <NativeSelect
        label={texts.dialog.method}
        description={texts.methodHelp[method]}
        data={Object.entries(texts.method).map(([value, label]) => ({ value, label }))}
        value={method}
        error={errorAt('method')}
        onChange={({ currentTarget }) => {
          change({ method: currentTarget.value as NonNullable<Handoff['method']> })
        }}
      />
      {method !== 'bye' && (
        <TextInput
          label={texts.dialog.route}
          description={texts.dialog.routeHelp}
          value={handoff.route ?? ''}
          error={errorAt('route')}
          spellCheck={false}
          onChange={({ currentTarget }) => {
            change({ route: currentTarget.value.trim() })
          }}
        />
      )}
    </>
  )
}

/** The handoff as it is sent: fields that are empty are not there. */
function completed(handoff: Handoff, displayName: string, rows: readonly HeaderRow[]): Handoff {
  const isBye = handoff.method === 'bye'
  const all = {
    ...handoff,
    display_name: displayName === handoff.name ? undefined : displayName,
    route: isBye ? undefined : handoff.route,
    headers: headersOf(rows),
  }

  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== '')) as Handoff
}

/** What the server said of a field: pointers are into the project file, where a new handoff is the last of the table. */
function fieldErrors(error: Error | null, { handoffs }: Table, name: string | undefined) {
  const index = name === undefined ? handoffs.length : handoffs.findIndex((handoff) => handoff.name === name)
  const of = error instanceof ApiError ? error : undefined

  return (field: string): string | undefined =>
    [`/table/handoffs/${index}/${field}`, `/handoffs/${index}/${field}`, `/${field}`]
      .map((pointer) => of?.at(pointer))
      .find((text) => text !== undefined)
}
