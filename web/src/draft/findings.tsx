import { Alert, Badge, Stack, Text } from '@mantine/core'
import type { Finding, Table } from '../api/client'
import { useDraft } from '../api/queries'
import { fieldLabel } from '../fields/labels'
import { texts } from '../texts'

/** Shows the number of findings of each kind that matters. */
export function FindingBadges({ findings }: { findings: readonly Finding[] }) {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.filter(({ severity }) => severity === 'warning').length

  return (
    <>
      {errors > 0 && <Badge color="red">{texts.draft.errors(errors)}</Badge>}
      {warnings > 0 && <Badge color="yellow">{texts.draft.warnings(warnings)}</Badge>}
    </>
  )
}

const colors = { error: 'red', warning: 'yellow', info: 'blue' } as const

/** Lists the findings about the draft, each with its place. */
export function Findings({ project, findings }: { project: string; findings: readonly Finding[] }) {
  const { table } = useDraft(project)
  if (findings.length === 0) return <Text c="dimmed">{texts.draft.noFindings}</Text>

  return (
    <Stack gap="xs">
      {findings.map(({ severity, code, pointer, problem, hint }) => (
        <Alert
          key={`${code} ${pointer}`}
          color={colors[severity]}
          title={[placeOf(pointer, table), problem].filter(Boolean).join(': ')}
          p="xs"
        >
          {hint}
        </Alert>
      ))}
    </Stack>
  )
}

/** The handoff and the field that a pointer into the project file leads to, by their names on the page. */
function placeOf(pointer: string, table: Table): string {
  const [, list, index, field] = /\/(handoffs|schedules|rules)\/(\d+)(?:\/([^/]+))?/.exec(pointer) ?? []
  const thing = list && table[list as 'handoffs' | 'schedules' | 'rules']?.[Number(index)]
  if (!thing) return ''

  return [thing.name, field && fieldLabel(field)].filter(Boolean).join(', ')
}
