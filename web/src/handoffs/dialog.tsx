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
  const client = useQueryClient()
  const draft = useDraft(project)
  // What the edit began with, so that a change of another person is found and told apart from one's own.
  const [base, setBase] = useState({ handoff, etag: draft.etag })
  const [name, setName] = useState(handoff?.display_name ?? handoff?.name ?? '')
  const [rest, setRest] = useState<Handoff>(handoff ?? { name: '' })
  const [rows, setRows] = useState<HeaderRow[]>(() => rowsOf(handoff?.headers))
  const [theirs, setTheirs] = useState<Handoff>()
  const [isAdvanced, advanced] = useDisclosure()

  const slug = handoff && name === (handoff.display_name ?? handoff.name) ? handoff.name : slugOf(name)
  const edited = completed({ ...rest, name: slug }, name, rows)
  const [shown] = useDebouncedValue(JSON.stringify(edited), 400)

  const save = useMutation({
    mutationFn: async () => {
      const header = { 'if-match': base.etag }
      if (!handoff) {
        // A new handoff takes nothing from another person's: no lost race is possible.
        await api.POST('/v1/projects/{project}/draft/handoffs', {
          params: { path: { project } },
          body: edited,
        })
      } else {
        await api.PATCH('/v1/projects/{project}/draft/handoffs/{handoff}', {
          params: { path: { project, handoff: handoff.name }, header },
          body: changesOf(base.handoff, edited),
        })
      }
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.project(project) })
      close()
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.problem.status !== 412) return
      const now = await client.query({ ...draftQuery(project), staleTime: 0 })
      const found = now.table.handoffs.find((one) => one.name === handoff?.name)
      setTheirs(found)
      setBase({ handoff: found, etag: now.etag })
    },
  })
  const problem = save.error instanceof ApiError ? save.error : undefined
  const isLostRace = problem?.problem.status === 412
  const at = fieldErrors(problem, draft.table, handoff?.name)
  const set = (changes: Partial<Handoff>): void => {
    setRest({ ...rest, ...changes })
  }
  const method = rest.method ?? 'refer'

  return (
    <Modal opened onClose={close} size="xl" title={handoff ? texts.dialog.editTitle : texts.dialog.addTitle}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
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
          <Textarea
            label={texts.dialog.description}
            value={rest.description ?? ''}
            error={at('description')}
            autosize
            minRows={1}
            maxLength={1000}
            onChange={({ currentTarget }) => {
              set({ description: currentTarget.value })
            }}
          />
          <NativeSelect
            label={texts.dialog.method}
            description={texts.methodHelp[method]}
            data={Object.entries(texts.method).map(([value, label]) => ({ value, label }))}
            value={method}
            error={at('method')}
            onChange={({ currentTarget }) => {
              set({ method: currentTarget.value as NonNullable<Handoff['method']> })
            }}
          />
          {method !== 'bye' && (
            <TextInput
              label={texts.dialog.route}
              description={texts.dialog.routeHelp}
              value={rest.route ?? ''}
              error={at('route')}
              spellCheck={false}
              onChange={({ currentTarget }) => {
                set({ route: currentTarget.value.trim() })
              }}
            />
          )}
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
            <AdvancedFields table={draft.table} handoff={rest} change={set} errorAt={at} />
          </Collapse>
          <Preview project={project} handoff={handoff?.name} edited={shown} />
          {isLostRace && base.handoff && (
            <Conflict
              before={handoff}
              theirs={theirs}
              mine={edited}
              take={(field) => {
                if (field === 'headers') setRows(rowsOf(theirs?.headers))
                else if (field === 'name' || field === 'display_name')
                  setName(theirs?.display_name ?? theirs?.name ?? '')
                else set({ [field]: theirs?.[field] })
              }}
            />
          )}
          {!isLostRace && <ProblemAlert error={save.error} />}
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
function fieldErrors(error: ApiError | undefined, { handoffs }: Table, name: string | undefined) {
  const index = name === undefined ? handoffs.length : handoffs.findIndex((handoff) => handoff.name === name)

  return (field: string): string | undefined =>
    error?.at(`/table/handoffs/${index}/${field}`) ?? error?.at(`/handoffs/${index}/${field}`) ?? error?.at(`/${field}`)
}
