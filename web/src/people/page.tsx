import { Alert, Stack, Text, Title } from '@mantine/core'
import { useMay } from '../session/session'
import { texts } from '../texts'
import { PeopleList } from './people'
import { TokenList } from './tokens'

/** People and API tokens; for admins. */
export function PeoplePage() {
  const may = useMay()

  return (
    <Stack gap="lg">
      <Title order={2}>{texts.navigation.people}</Title>
      {may('admin') ? (
        <>
          <PeopleList />
          <TokenList />
        </>
      ) : (
        <Alert color="gray">
          <Text>{texts.access.needs(texts.access.roles.admin)}</Text>
        </Alert>
      )}
    </Stack>
  )
}
