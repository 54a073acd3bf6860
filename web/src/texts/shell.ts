export const product = 'Baton' as const

export const navigation = {
  label: 'Main',
  handoffs: 'Handoffs',
  schedules: 'Schedules',
  environments: 'Environments',
  test: 'Test',
  live: 'Live calls',
  calls: 'Calls',
  transfers: 'Transfers',
  trunks: 'Numbers & trunks',
  history: 'History',
  people: 'People & tokens',
} as const

export const shell = {
  skip: 'Skip to the content',
  pageTitle: (page: string) => `${page} · Baton`,
  project: 'Project',
  noProject: 'There is no project yet. Import one: npx baton routes import FILE',
  notLive: 'Not live: the connection to Baton is lost. It is tried again.',
  restarted: 'Baton was restarted',
  callsOfBefore: (recovered: number, lost: number) =>
    [
      recovered === 1 ? '1 call that was up goes on' : `${recovered} calls that were up go on`,
      ...(lost > 0 ? [`${lost} ended`] : []),
    ].join('; ') + '.',
  unreachable: 'Baton cannot be reached. What you typed stays: try again in a moment.',
  menu: 'Menu',
  close: 'Close',
  theme: 'Light or dark',
  loading: 'Loading',
  failed: 'That did not work',
  retry: 'Try again',
  copy: 'Copy',
  notFound: 'There is no such page.',
  toHandoffs: 'To the handoffs',
} as const
