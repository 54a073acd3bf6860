import { Alert, Stack, Text, Title } from '@mantine/core'
import { useLackedRole } from '../session/session'
import { texts } from '../texts'
import { PeopleList } from './people'
import { TokenList } from './tokens'

/** People and API tokens; for admins. */
export function PeoplePage() {
  const lacked = useLackedRole()('admin', 'everywhere')

  return (
    <Stack gap="lg">
      <Title order={2}>{texts.navigation.people}</Title>
      {lacked === undefined ? (
        <>
          <PeopleList />
          <TokenList />
        </>
      ) : (
        <Alert color="gray">
          <Text>{lacked}</Text>
        </Alert>
      )}
    </Stack>
  )
}
