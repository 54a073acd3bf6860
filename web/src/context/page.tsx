import { Alert, Anchor, Box, Code, Container, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { contextIdIn, tokenIn } from '../addresses'
import { api, type Context } from '../api/client'
import { Loading } from '../shell/states'
import { usePageTitle } from '../shell/title'
import { texts } from '../texts'
import { moment } from '../time'

const labels = texts.context
/** States are set while the caller is handed over. */
const refetchMs = 3_000

/** What the agent gave along, for the person who takes the caller over: opened by the screen pop of a desktop. */
export function ContextPage() {
  const id = contextIdIn(location.pathname)
  const token = tokenIn(location.hash)
  const { data: context, error } = useQuery({
    queryKey: ['context', id, token],
    queryFn: async () =>
      (
        await api.GET('/v1/context/{id}', {
          params: { path: { id } },
          ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
        })
      ).data,
    retry: false,
    refetchInterval: ({ state }) => (state.error ? false : refetchMs),
  })
  const caller = context && (context.caller.name ?? context.caller.number)
  usePageTitle(caller === undefined ? labels.title : `${caller} · ${labels.title}`)
  if (error) {
    return (
      <Alert color="red" title={labels.missing} m="md" role="alert">
        {error.message}
      </Alert>
    )
  }

  return context ? <ContextView context={context} /> : <Loading />
}

function ContextView({ context }: { context: Context }) {
  const { caller, reason, variables, states } = context
  const given = context.context
  const facts = isRecord(given) ? Object.entries(given) : []

  return (
    <Container component="main" size="sm" py="md">
      <Stack>
        <Box>
          <Title order={1} size="h2">
            {caller.name ?? (caller.number || labels.anonymous)}
          </Title>
          <Text c="dimmed">{labels.whence(caller.number || caller.uri, context.called, context.handoff)}</Text>
          <Text c="dimmed" size="sm">
            {moment(context.createdAt)} ·{' '}
            <Anchor href={`/calls/${context.callId}`} underline="always">
              {labels.call}
            </Anchor>
          </Text>
        </Box>
        {reason !== undefined && (
          <Section title={labels.reason}>
            <Text style={{ whiteSpace: 'pre-wrap' }}>{reason}</Text>
          </Section>
        )}
        {states.length > 0 && (
          <Section title={labels.states}>
            <Rows rows={states.map(({ at, state, detail }) => [moment(at), detail ? `${state}: ${detail}` : state])} />
          </Section>
        )}
        {Object.keys(variables).length > 0 && (
          <Section title={labels.variables}>
            <Rows rows={Object.entries(variables)} />
          </Section>
        )}
        {given !== undefined && (
          <Section title={labels.given}>{facts.length > 0 ? <Rows rows={facts} /> : <Value value={given} />}</Section>
        )}
        <Text c="dimmed" size="sm">
          {labels.until(moment(context.expiresAt))}
        </Text>
      </Stack>
    </Container>
  )
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4" mb="xs">
        {title}
      </Title>
      {children}
    </section>
  )
}

function Rows({ rows }: { rows: readonly (readonly [name: string, value: unknown])[] }) {
  return (
    <Table layout="fixed">
      <Table.Tbody>
        {rows.map(([name, value], at) => (
          <Table.Tr key={`${at} ${name}`}>
            <Table.Th scope="row" w="35%" fw={500} style={{ verticalAlign: 'top', overflowWrap: 'anywhere' }}>
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              <Value value={value} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

/** A text as it is; what has parts of its own as JSON. */
function Value({ value }: { value: unknown }) {
  if (typeof value === 'object' && value !== null) {
    return (
      <Code block tabIndex={0}>
        {JSON.stringify(value, null, 2)}
      </Code>
    )
  }

  return <Text style={{ whiteSpace: 'pre-wrap' }}>{String(value)}</Text>
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
