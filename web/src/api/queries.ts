import { infiniteQueryOptions, keepPreviousData, queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { listWithChanges } from './call-changes'
import { api, ApiError, type Call, type CallQuery, type EnvironmentName } from './client'

/** The keys of cached answers, by which an event names those that it makes stale. */
export const keys = {
  projects: ['projects'] as const,
  project: (project: string) => ['project', project] as const,
  draft: (project: string) => ['project', project, 'draft'] as const,
  history: (project: string) => ['project', project, 'history'] as const,
  liveLists: ['calls', 'live'] as const,
  liveCalls: (project: string) => ['calls', 'live', project] as const,
  foundCalls: ['calls', 'found'] as const,
  callView: (id: string) => ['call', id, 'view'] as const,
  callMessages: (id: string) => ['call', id, 'messages'] as const,
  trunks: ['trunks'] as const,
  targets: ['targets'] as const,
  twilio: ['twilio'] as const,
}

export const projectsQuery = queryOptions({
  queryKey: keys.projects,
  queryFn: async () => (await api.GET('/v1/projects')).data?.projects ?? [],
})

export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.project(project), 'view'],
    queryFn: async () => (await api.GET('/v1/projects/{project}', { params: { path: { project } } })).data,
  })

/** The draft of the table and its entity tag, by which a lost race is found (RFC 9110 13.1.1). */
export const draftQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.draft(project), 'table'],
    queryFn: async () => {
      const { data, response } = await api.GET('/v1/projects/{project}/draft', { params: { path: { project } } })

      return { table: data ?? { handoffs: [] }, etag: response.headers.get('etag') ?? '' }
    },
  })

/** The audio files of the draft. */
export const audioQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.draft(project), 'audio'],
    queryFn: async () =>
      (await api.GET('/v1/projects/{project}/audio', { params: { path: { project } } })).data?.audio ?? [],
  })

export const lintQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.draft(project), 'lint'],
    queryFn: async () =>
      (await api.GET('/v1/projects/{project}/draft/lint', { params: { path: { project } } })).data?.findings ?? [],
  })

/** The changes of the draft against the version that was published last; a project without versions has none. */
export const draftChangesQuery = (project: string, lastVersion: number) =>
  queryOptions({
    queryKey: [...keys.draft(project), 'changes', lastVersion],
    queryFn: async () =>
      lastVersion === 0
        ? []
        : ((
            await api.GET('/v1/projects/{project}/versions/{a}/diff/{b}', {
              params: { path: { project, a: String(lastVersion), b: 'draft' } },
            })
          ).data?.changes ?? []),
  })

export const versionsQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.project(project), 'versions'],
    queryFn: async () =>
      (await api.GET('/v1/projects/{project}/versions', { params: { path: { project } } })).data?.versions ?? [],
  })

/** A version with its table. It stays fresh, since versions never change. */
export const versionQuery = (project: string, version: number) =>
  queryOptions({
    queryKey: ['version', project, version],
    queryFn: async () =>
      (await api.GET('/v1/projects/{project}/versions/{version}', { params: { path: { project, version } } })).data,
    staleTime: Infinity,
  })

export const releasesQuery = (project: string, environment: EnvironmentName) =>
  queryOptions({
    queryKey: [...keys.project(project), 'releases', environment],
    queryFn: async () =>
      (
        await api.GET('/v1/projects/{project}/environments/{environment}/releases', {
          params: { path: { project, environment } },
        })
      ).data?.releases ?? [],
  })

export const releaseChangesQuery = (project: string, environment: EnvironmentName, a: string, b: string) =>
  queryOptions({
    queryKey: [...keys.project(project), 'releases', environment, a, b],
    queryFn: async () =>
      (
        await api.GET('/v1/projects/{project}/environments/{environment}/releases/{a}/diff/{b}', {
          params: { path: { project, environment, a, b } },
        })
      ).data?.changes ?? [],
  })

/** The draft of an environment's settings and its entity tag; without either where there is no such environment yet. */
export const settingsDraftQuery = (project: string, environment: EnvironmentName) =>
  queryOptions({
    queryKey: [...keys.project(project), 'settings', environment],
    queryFn: async () => {
      try {
        const { data, response } = await api.GET('/v1/projects/{project}/environments/{environment}/draft', {
          params: { path: { project, environment } },
        })

        return { settings: { ...data }, etag: response.headers.get('etag') ?? '' }
      } catch (error) {
        if (error instanceof ApiError && error.problem.status === 404) return { settings: {}, etag: '' }
        throw error
      }
    },
  })

/** An environment, with the counts of its canary. */
export const environmentQuery = (project: string, environment: EnvironmentName) =>
  queryOptions({
    queryKey: [...keys.project(project), 'environment', environment],
    queryFn: async () =>
      (
        await api.GET('/v1/projects/{project}/environments/{environment}', {
          params: { path: { project, environment } },
        })
      ).data,
    refetchInterval: 5_000,
  })

/** The changes between two states, such as `draft`, `3`, `live`, `live:2` and `live:draft`. */
export const comparisonQuery = (project: string, from: string, to: string) =>
  queryOptions({
    queryKey: [...keys.project(project), 'compare', from, to],
    queryFn: async () =>
      (await api.GET('/v1/projects/{project}/compare/{from}/{to}', { params: { path: { project, from, to } } })).data
        ?.changes ?? [],
  })

/** The warnings that a promotion of this version would have; none of them refuses it. */
export const promotionWarningsQuery = (
  project: string,
  environment: EnvironmentName,
  release: { version: number; settings: 'draft' | 'keep' },
) =>
  queryOptions({
    queryKey: [...keys.targets, project, environment, release],
    queryFn: async () =>
      (
        await api.GET('/v1/projects/{project}/environments/{environment}/promote', {
          params: { path: { project, environment }, query: release },
        })
      ).data?.warnings ?? [],
    retry: false,
  })

export const historyQuery = (project: string) =>
  queryOptions({
    queryKey: keys.history(project),
    queryFn: async () =>
      (await api.GET('/v1/projects/{project}/history', { params: { path: { project }, query: { limit: 200 } } })).data
        ?.history ?? [],
  })

export const useProject = (project: string) => useSuspenseQuery(projectQuery(project)).data
export const useDraft = (project: string) => useSuspenseQuery(draftQuery(project)).data

/** Calls that are up, the newest first. Events keep the list as it is now (`live.ts`), so that it does not become old. */
export const liveCallsQuery = (project: string) =>
  queryOptions({
    queryKey: keys.liveCalls(project),
    queryFn: () => listWithChanges(() => allLiveCalls(project)),
    staleTime: Infinity,
    structuralSharing: false,
  })

async function allLiveCalls(project: string): Promise<Call[]> {
  const calls: Call[] = []
  let cursor: string | undefined = ''
  while (cursor !== undefined) {
    const query: CallQuery = { project, state: 'live', limit: 1000, ...(cursor && { cursor }) }
    const { data } = await api.GET('/v1/calls', { params: { query } })
    calls.push(...(data?.calls ?? []))
    cursor = data?.nextCursor
  }

  return calls
}

const callsPerPage = 50

/** Calls that match, the newest first, page after page; those shown stay until others are there. */
export const callPagesQuery = (query: CallQuery) =>
  infiniteQueryOptions({
    queryKey: [...keys.foundCalls, query],
    queryFn: async ({ pageParam: cursor }) =>
      (await api.GET('/v1/calls', { params: { query: { ...query, limit: callsPerPage, ...(cursor && { cursor }) } } }))
        .data ?? { calls: [] },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    retry: false,
  })

/** Counting the transfers of a month is dear: it is done at this interval, and not for each event. */
const transfersIntervalMs = 30_000

/** The results of transfers until now, counted in steps that begin at full ones. */
export const transfersQuery = (
  project: string,
  { lengthMs, stepMs }: { lengthMs: number; stepMs: number },
  { by, environment, rehearsals = false }: { by: string; environment?: string; rehearsals?: boolean },
) =>
  queryOptions({
    queryKey: ['transfers', project, lengthMs, by, environment, rehearsals],
    queryFn: async () => {
      const from = new Date(Math.floor((Date.now() - lengthMs) / stepMs) * stepMs).toISOString()
      const query = { project, by, from, step: stepMs / 1000, rehearsals, ...(environment && { environment }) }

      return (await api.GET('/v1/analytics/transfers', { params: { query } })).data
    },
    placeholderData: keepPreviousData,
    refetchInterval: transfersIntervalMs,
    retry: false,
  })

export const callQuery = (call: string) =>
  queryOptions({
    queryKey: keys.callView(call),
    queryFn: async () => (await api.GET('/v1/calls/{call}', { params: { path: { call } } })).data,
  })

/** No event says that a message has come: the ladder of a live call is asked for while its page is open. */
const messagesIntervalMs = 1_000

export const ladderQuery = (call: string, isLive: boolean) =>
  queryOptions({
    queryKey: [...keys.callMessages(call), 'ladder'],
    queryFn: async () => (await api.GET('/v1/calls/{call}/ladder', { params: { path: { call } } })).data,
    refetchInterval: isLive && messagesIntervalMs,
  })

/** The media of a call: its ends and descriptions. */
export const mediaQuery = (call: string, isLive: boolean) =>
  queryOptions({
    queryKey: [...keys.callMessages(call), 'media'],
    queryFn: async () => (await api.GET('/v1/calls/{call}/media', { params: { path: { call } } })).data,
    refetchInterval: isLive && messagesIntervalMs,
  })

export const trunksQuery = queryOptions({
  queryKey: keys.trunks,
  queryFn: async () => (await api.GET('/v1/trunks')).data,
})

/** No event reports a probe: targets are asked for at this interval. */
const targetsIntervalMs = 5_000

export const targetsQuery = queryOptions({
  queryKey: keys.targets,
  queryFn: async () => (await api.GET('/v1/targets')).data?.targets ?? [],
  refetchInterval: targetsIntervalMs,
})

/** The Twilio account that is connected; an error says that SECRETS_KEY is needed. */
export const twilioQuery = queryOptions({
  queryKey: [...keys.twilio, 'status'],
  queryFn: async () => (await api.GET('/v1/twilio')).data,
  retry: false,
})

/** What has drifted in the account, by asking Twilio; and what disconnecting would change. */
export const twilioDriftQuery = queryOptions({
  queryKey: [...keys.twilio, 'drift'],
  queryFn: async () => (await api.GET('/v1/twilio/plan')).data,
  retry: false,
  staleTime: 60_000,
})

export const doctorQuery = queryOptions({
  queryKey: ['doctor'],
  queryFn: async () => (await api.GET('/v1/doctor')).data?.findings ?? [],
})

/** The switches in force of every environment, newest first. */
export const switchesQuery = (project: string) =>
  queryOptions({
    queryKey: [...keys.project(project), 'switches'],
    queryFn: async () =>
      (await api.GET('/v1/projects/{project}/switches', { params: { path: { project } } })).data?.switches ?? [],
  })

/** The schedules that are open at a moment; `at` is ISO 8601, or undefined for now. */
export const openingsQuery = (
  project: string,
  environment: EnvironmentName,
  { at, version }: { at?: string | undefined; version?: string | undefined } = {},
) =>
  queryOptions({
    queryKey: [...keys.project(project), 'openings', environment, at, version],
    queryFn: async () =>
      (
        await api.GET('/v1/projects/{project}/environments/{environment}/openings', {
          params: {
            path: { project, environment },
            query: { ...(at !== undefined && { at }), ...(version !== undefined && { version }) },
          },
        })
      ).data,
    retry: false,
  })
