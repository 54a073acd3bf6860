import { SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Handoff, Table } from '../api/client'
import { trunksQuery } from '../api/queries'
import { Field } from '../fields/field'
import { schemaQuery } from '../fields/schema'
import { texts } from '../texts'

interface AdvancedProps {
  table: Table
  handoff: Handoff
  change: (changes: Partial<Handoff>) => void
  errorAt: (path: string) => string | undefined
}

/** Fields that stand elsewhere in the dialog or on the card. */
const elsewhere = ['id', 'name', 'display_name', 'description', 'method', 'route', 'headers', 'active', 'default']
const groups = [
  { title: texts.dialog.groups.failure, names: ['on_failure', 'fallback', 'deadline'] },
  {
    title: texts.dialog.groups.person,
    names: ['mode', 'hold_music', 'announce', 'accept', 'require_accept', 'introduce', 'send_digits', 'recording'],
  },
  { title: texts.dialog.groups.hours, names: ['schedule', 'when_closed'] },
  { title: texts.dialog.groups.waiting, names: ['ring_timeout', 'progress_timeout', 'notify_timeout'] },
  {
    title: texts.dialog.groups.receiver,
    names: ['profile', 'headers_in', 'user_to_user', 'pool', 'caller_id', 'resolver'],
  },
  {
    title: texts.dialog.groups.line,
    names: ['trunk', 'number_format', 'transport', 'encryption', 'early_media', 'redirects'],
  },
]
const placed = [...elsewhere, ...groups.flatMap(({ names }) => names)]
const ofInvite = ['ring_timeout', 'progress_timeout', 'number_format', 'trunk', 'transport']
const ofInviteAlone = ['encryption', 'early_media', 'redirects', 'caller_id']
/** Fields of a destination that Baton calls itself. */
const ofCalledDestination = ['mode', 'announce', 'accept', 'require_accept', 'introduce', 'send_digits']
/** The fields that a method does not use. REFER uses those of INVITE, which bridges a caller whose carrier refuses REFER. */
const unused: Record<string, readonly string[]> = {
  refer: [],
  invite: ['fallback', 'headers_in', 'notify_timeout'],
  bye: ['fallback', 'headers_in', 'notify_timeout', 'pool', ...ofInvite, ...ofInviteAlone, ...ofCalledDestination],
}

/** Every other field of a handoff, as the project file describes it. */
export function AdvancedFields({ table, handoff, change, errorAt }: AdvancedProps) {
  const schema = useQuery(schemaQuery).data?.handoff ?? {}
  const trunks = useQuery(trunksQuery).data?.trunks ?? []
  const others = table.handoffs.map(({ name }) => name).filter((name) => name !== handoff.name)
  const names: Record<string, readonly string[]> = {
    on_failure: others,
    when_closed: others,
    schedule: (table.schedules ?? []).map(({ name }) => name),
    trunk: trunks.map(({ name }) => name),
    hold_music: ['agent', 'silence', ...Object.keys(table.audio ?? {})],
  }
  const rest = Object.keys(schema).filter((name) => !placed.includes(name))
  const hidden = unused[handoff.method ?? 'refer'] ?? []

  return (
    <Stack>
      {[...groups, { title: texts.dialog.groups.more, names: rest }].map(({ title, names: inGroup }) => {
        const fields = inGroup.flatMap((name) => {
          const found = schema[name]

          return found && !hidden.includes(name) ? [{ name, found }] : []
        })

        return (
          fields.length > 0 && (
            <section key={title} aria-label={title}>
              <Text fw={600} mb="xs">
                {title}
              </Text>
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                {fields.map(({ name, found }) => (
                  <Field
                    key={name}
                    path={name}
                    schema={found}
                    value={handoff[name as keyof Handoff]}
                    set={(value) => {
                      change({ [name]: value })
                    }}
                    errorAt={errorAt}
                    namesFor={(path) => names[path]}
                  />
                ))}
              </SimpleGrid>
            </section>
          )
        )
      })}
    </Stack>
  )
}
