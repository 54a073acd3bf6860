import type { QueryClient } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { pageNames, type PageName } from './addresses'
import { callQuery, projectsQuery } from './api/queries'
import { Failed, Loading, NotFound } from './shell/states'
import { NoProject, Shell } from './shell/shell'

/** The pages, each loaded when it is first opened. */
const pages: Partial<Record<PageName, ReturnType<typeof lazyRouteComponent>>> = {
  handoffs: lazyRouteComponent(() => import('./handoffs/page'), 'HandoffsPage'),
  schedules: lazyRouteComponent(() => import('./schedules/page'), 'SchedulesPage'),
  environments: lazyRouteComponent(() => import('./environments/page'), 'EnvironmentsPage'),
  test: lazyRouteComponent(() => import('./test/page'), 'TestPage'),
  live: lazyRouteComponent(() => import('./calls/live'), 'LiveCallsPage'),
  calls: lazyRouteComponent(() => import('./calls/ended'), 'CallsPage'),
  transfers: lazyRouteComponent(() => import('./transfers/page'), 'TransfersPage'),
  trunks: lazyRouteComponent(() => import('./trunks/page'), 'TrunksPage'),
  history: lazyRouteComponent(() => import('./history/page'), 'HistoryPage'),
  people: lazyRouteComponent(() => import('./people/page'), 'PeoplePage'),
}

/** The project that was looked at last is the one that an address without a project means. */
const lastProject = 'baton.project'

export function createPages(client: QueryClient) {
  const root = createRootRoute()
  /** @param page a page's address below its project's */
  const toProject = async (page: string): Promise<void> => {
    const projects = await client.query({ ...projectsQuery, staleTime: 'static' })
    const [first] = projects
    const last = projects.find(({ project }) => project === localStorage.getItem(lastProject)) ?? first
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to send elsewhere
    if (last) throw redirect({ to: `/p/${last.project}/${page}`, replace: true })
  }
  const short = ['', ...pageNames].map((page) =>
    createRoute({
      getParentRoute: () => root,
      path: `/${page}`,
      component: NoProject,
      beforeLoad: () => toProject(page || 'handoffs'),
    }),
  )
  const project = createRoute({
    getParentRoute: () => root,
    path: '/p/$project',
    component: Shell,
    beforeLoad: ({ params }) => {
      localStorage.setItem(lastProject, params.project)
    },
  })
  const callPage = lazyRouteComponent(() => import('./calls/call'), 'CallPage')
  const call = createRoute({ getParentRoute: () => project, path: '/calls/$call', component: callPage })
  const shortCall = createRoute({
    getParentRoute: () => root,
    path: '/calls/$call',
    beforeLoad: async ({ params }) => {
      const view = await client.query({ ...callQuery(params.call), staleTime: 'static' }).catch(() => undefined)
      // Also a call that cannot be had has a page, in the frame of all others: it says why.
      if (!view) return toProject(`calls/${encodeURIComponent(params.call)}`)
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to send elsewhere
      throw redirect({ to: `/p/${view.project}/calls/${params.call}`, replace: true })
    },
  })
  const contextPage = lazyRouteComponent(() => import('./context/page'), 'ContextPage')
  const context = createRoute({ getParentRoute: () => root, path: '/context/$id', component: contextPage })
  const ofProject = Object.entries(pages).map(([path, component]) =>
    createRoute({ getParentRoute: () => project, path: `/${path}`, component }),
  )

  return createRouter({
    routeTree: root.addChildren([...short, shortCall, context, project.addChildren([...ofProject, call])]),
    defaultPendingComponent: Loading,
    defaultErrorComponent: Failed,
    defaultNotFoundComponent: NotFound,
    defaultPreload: 'intent',
    scrollRestoration: true,
    // The values in an address are written without quotes: the router's own way puts text that looks like a number in quotes.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch,
  })
}

function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const text = new URLSearchParams(given).toString()

  return text && `?${text}`
}
