import { Alert, List, Text } from '@mantine/core'
import { ApiError } from '../api/client'

/** Shows the server's refusal of a request, with each mistake; renders nothing while there is none. */
export function ProblemAlert({ error }: { error: Error | null | undefined }) {
  if (!error) return null
  const problem = error instanceof ApiError ? error.problem : undefined

  return (
    <Alert color="red" title={problem?.title}>
      <Text size="sm">{error.message}</Text>
      <List size="sm">
        {problem?.errors?.map(({ pointer, problem: what, hint }) => (
          <List.Item key={`${pointer} ${what}`}>{[what, hint].filter(Boolean).join('; ')}</List.Item>
        ))}
      </List>
    </Alert>
  )
}
