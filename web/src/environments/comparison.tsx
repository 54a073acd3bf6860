import { NativeSelect, SimpleGrid, Stack, Title } from '@mantine/core'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { environmentNames } from '../api/client'
import { comparisonQuery, releasesQuery, useProject, versionsQuery } from '../api/queries'
import { Changes } from '../draft/change'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'

/** Shows the differences between any two of the project's drafts, versions and releases. */
export function Comparison({ project }: { project: string }) {
  const states = useStates(project)
  const [chosen, setChosen] = useState<{ from?: string; to?: string }>({})
  const from = chosen.from ?? states.find(({ value }) => value === 'live')?.value ?? states[0]?.value ?? 'draft'
  const to = chosen.to ?? 'draft'
  const { data, error } = useQuery({ ...comparisonQuery(project, from, to), enabled: from !== to })

  return (
    <section aria-label={texts.environments.compare}>
      <Stack gap="sm">
        <Title order={3}>{texts.environments.compare}</Title>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect
            label={texts.environments.compareFrom}
            data={states}
            value={from}
            onChange={({ currentTarget }) => {
              setChosen({ ...chosen, from: currentTarget.value })
            }}
          />
          <NativeSelect
            label={texts.environments.compareTo}
            data={states}
            value={to}
            onChange={({ currentTarget }) => {
              setChosen({ ...chosen, to: currentTarget.value })
            }}
          />
        </SimpleGrid>
        <ProblemAlert error={error} />
        <Changes changes={from === to ? [] : (data ?? [])} />
      </Stack>
    </section>
  )
}

/** The states that can be compared, by their names in the API. */
function useStates(project: string): { value: string; label: string }[] {
  const { environments = {} } = useProject(project) ?? {}
  const versions = useQuery(versionsQuery(project)).data ?? []
  const places = environmentNames.filter((name) => environments[name])
  const releases = useQueries({ queries: places.map((name) => releasesQuery(project, name)) })
  const text = texts.environments.state

  return [
    { value: 'draft', label: text.draft },
    ...versions.map(({ version, message }) => ({ value: String(version), label: text.version(version, message) })),
    ...places.flatMap((name, index) => {
      const label = texts.environment[name]
      const made = releases[index]?.data ?? []

      return [
        ...(environments[name]?.release === undefined ? [] : [{ value: name, label: text.running(label) }]),
        { value: `${name}:draft`, label: text.promoted(label) },
        ...made.map(({ release, version }) => ({
          value: `${name}:${release}`,
          label: text.release(label, release, version),
        })),
      ]
    }),
  ]
}
