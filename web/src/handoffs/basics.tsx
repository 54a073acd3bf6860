import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import type { Handoff } from '../api/client'
import { texts } from '../texts'

interface BasicFieldsProps {
  handoff: Handoff
  change: (changes: Partial<Handoff>) => void
  errorAt: (path: string) => string | undefined
}

/** The fields that every handoff has beside its name: where callers go, and how. */
export function BasicFields({ handoff, change, errorAt }: BasicFieldsProps) {
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
